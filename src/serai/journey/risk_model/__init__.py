"""The learned risk model: features, training, figures, the model's file, scoring, reasons."""
