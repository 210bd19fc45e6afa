"""Plain-text prompts; a package only so that they travel with the wheel."""
