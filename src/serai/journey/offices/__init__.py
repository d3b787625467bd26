"""Customs offices: to whom one turns about a case, and from which day on."""
