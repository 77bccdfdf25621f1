; Serial and printer ports, interrupts that nobody expects.

port_tests:
        mov ax, 0x40
        mov es, ax
        mov ax, [es:0]
        test ax, ax
        jz .no_serial
        mov dx, 0
        mov ax, 0x00e3                  ; 9600 8N1
        int 0x14
        test ah, 0x60
        claim nz, "a fresh serial port has room to send"
        mov dx, [es:0]
        add dx, 3
        in al, dx
        claim_byte al, 0x03, "its line control says 8N1"
        or al, 0x80
        out dx, al
        sub dx, 3
        in al, dx
        mov ah, al
        add dx, 3
        mov al, 3
        out dx, al
        claim_byte ah, 12, "its divisor is that of 9600 bits per second"
        mov dx, 0
        mov ah, 4
        mov al, 0
        mov bx, 0x0201                  ; even parity, two stop bits
        mov cx, 0x0205                  ; seven bits, 2400
        int 0x14
        mov dx, [es:0]
        add dx, 3
        in al, dx
        claim_byte al, 0x1e, "AH=04h sets 7E2"
        mov dx, 0
        mov ax, 0x0501
        mov bx, 0x0003
        int 0x14
        mov dx, 0
        mov ax, 0x0500
        int 0x14
        claim_byte bl, 0x03, "AH=05h sets and tells modem control"
.no_serial:
        mov ax, 0x1234
        mov dx, 5
        int 0x14
        claim_equal ax, 0x1234, "a port that cannot be changes nothing"
        mov ah, 2
        mov dx, 2
        int 0x17
        cmp word [es:0x0c], 0
        jne .printer
        test ah, 1
        claim nz, "a printer that is not there times out"
.printer:
        in al, 0x21                     ; an interrupt without a handler: IRQ 5, made by software
        push ax
        int 0x0d
        pop bx
        in al, 0x21
        cmp al, bl
        claim e, "a software interrupt masks nothing"
        claim_byte byte [es:0x6b], 0xff, "but is noted"
        ret
