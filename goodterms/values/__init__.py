"""Money, days, keys and refusal: plain values that every floor may use. No rows, no Django."""
