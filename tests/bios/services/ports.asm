; Serial and printer ports, the mouse, interrupts that nobody expects.

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
        call mouse_tests
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

; A byte AL as the mouse would send it (controller command D3h).
send_mouse_byte:
        push cx
        push ax
        call send_scan_code.wait
        mov al, 0xd3
        out 0x64, al
        call send_scan_code.wait
        pop ax
        out 0x60, al
        mov cx, 3000
.taken:
        in al, 0x61
        in al, 0x61
        in al, 0x64
        test al, 1
        loopnz .taken
        mov cx, 1000
        loop $
        pop cx
        ret

mouse_tests:
        int 0x11
        test al, 0x04
        jnz .there
        ret
.there:
        mov ax, 0xc205
        mov bh, 3
        int 0x15
        claim nc, "the mouse is set up with packages of three bytes"
        mov ax, 0xc207
        xor bx, bx
        mov es, bx
        int 0x15
        mov ax, 0xc200
        mov bh, 1
        int 0x15
        claim c, "without a handler it cannot be enabled"
        claim_byte ah, 5, "and the error says so"
        mov ax, 0xc201
        int 0x15
        claim nc, "it is reset"
        claim_equal bx, 0x00aa, "and answers AAh, 00h"
        mov ax, 0xc204
        int 0x15
        claim nc, "it tells what it is"
        claim_byte bh, 0, "a mouse"
        mov ax, 0xc202
        mov bh, 5
        int 0x15
        claim nc, "its rate is set to 100"
        mov ax, 0xc203
        mov bh, 3
        int 0x15
        claim nc, "its resolution to 8 counts a millimetre"
        mov ax, 0xc203
        mov bh, 4
        int 0x15
        claim c, "a fifth resolution does not exist"
        mov ax, 0xc206
        mov bh, 0
        int 0x15
        claim nc, "it tells its status"
        claim_byte cl, 3, "its resolution"
        claim_byte dl, 100, "and its rate"
        push cs
        pop es
        mov bx, .handler
        mov ax, 0xc207
        int 0x15
        claim nc, "a handler is installed"
        mov ax, 0xc200
        mov bh, 1
        int 0x15
        claim nc, "and the mouse enabled"
        mov al, 0x09
        call send_mouse_byte
        mov al, 0x05
        call send_mouse_byte
        mov al, 0x03
        call send_mouse_byte
        claim_byte byte [.calls], 1, "three bytes make one call"
        claim_equal word [.status], 0x0009, "with the status"
        claim_equal word [.x], 0x0005, "the way to the right"
        claim_equal word [.y], 0x0003, "and up"
        mov ax, 0xc200
        mov bh, 0
        int 0x15
        claim nc, "it is disabled"
        mov ax, 0xc208
        int 0x15
        claim c, "there is no ninth function"
        claim_byte ah, 1, "and the error says so"
        mov ax, 0x40
        mov es, ax
        ret
.handler:                               ; stack: return, zero, y, x, status
        push bp
        mov bp, sp
        push ax
        inc byte [cs:.calls]
        mov ax, [bp + 12]
        mov [cs:.status], ax
        mov ax, [bp + 10]
        mov [cs:.x], ax
        mov ax, [bp + 8]
        mov [cs:.y], ax
        pop ax
        pop bp
        retf
.calls: db 0
.status:
        dw 0
.x:     dw 0
.y:     dw 0
