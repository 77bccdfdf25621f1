; A boot sector that reads the second sector of drive A again and again, four ticks apart, and says on the debug port what it got:
; the first character of the sector, or, after an error, INT 13h's status as one digit (8 for 80h).

        cpu 8086
        bits 16
        org 0x7c00

        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        cld
.again:
        mov bx, 0x8000
        mov ax, 0x0201
        mov cx, 0x0002
        mov dx, 0x0000
        int 0x13
        mov al, [0x8000]
        jnc .say
        mov al, ah
        test al, 0xf0
        jz .digit
        mov cl, 4
        shr al, cl
.digit:
        add al, '0'
.say:
        out 0xe9, al
        mov cx, 4
.wait:
        hlt
        loop .wait
        jmp .again

        times 510 - ($ - $$) db 0
        dw 0xaa55
