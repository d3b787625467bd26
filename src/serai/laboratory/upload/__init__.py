"""Files of many consignments, uploaded on a page: checked, given back with remarks, the sound ones filed."""
