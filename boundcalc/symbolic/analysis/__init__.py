"""Signs of derivatives, rates of growth, ranges and enclosures of expressions."""
