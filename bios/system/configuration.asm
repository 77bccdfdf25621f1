; What INT 15h AH=C0h points to.
configuration:
        dw 8                            ; bytes that follow
        db 0xfc, 0x01, 0x00             ; an AT; revision
        db 0x74                         ; second 8259, real-time clock, INT 15h AH=4Fh, extended data area
        db 0x40                         ; INT 16h AH=09h
        db 0, 0, 0
