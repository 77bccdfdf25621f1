; Divisors for 110, 150, 300, 600, 1200, 2400, 4800 and 9600 bits per second.
baud_rates:
        dw 1047, 768, 384, 192, 96, 48, 24, 12
