"""What customers may have asked for, by who sees what they bought: estimators for censored demand."""
