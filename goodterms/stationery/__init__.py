"""What desk and portal write on: amounts, days, states, clocks and term lines as pages show them, and the icons."""
