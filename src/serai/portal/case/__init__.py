"""The page of a case: state, amounts payable, reasons, proof, history."""
