; INT 14h: the serial ports (16550) of 0040:0000.

find_serial_ports:
        mov ds, [cs:bda_segment]
        mov si, .ports
        xor di, di
.next:
        mov dx, [cs:si]
        add si, 2
        test dx, dx
        jz .done
        add dx, 3
        mov al, 0
        out dx, al                      ; DLAB off
        sub dx, 2
        mov al, 0x02                    ; an interrupt enable register holds what is written
        out dx, al
        io_delay
        in al, dx
        cmp al, 0x02
        mov al, 0
        out dx, al
        jne .next
        inc dx
        in al, dx                       ; bits 4-5 of the identification are always 0
        test al, 0x30
        jnz .next
        sub dx, 2
        mov [di + bda.com], dx
        add di, 2
        jmp .next
.done:
        mov ax, di
        and byte [bda.equipment + 1], 0xf1
        or [bda.equipment + 1], al      ; bits 9-11: how many, and DI counts in twos
        ret
.ports: dw 0x3f8, 0x2f8, 0x3e8, 0x2e8, 0

int14:
        service_entry
        sti
        mov di, dx
        cmp di, 4
        jae .done
        mov si, di
        shl si, 1
        mov dx, [si + bda.com]
        test dx, dx
        jz .done
        cmp ah, (.functions_end - .functions) / 2
        jae .done
        mov bl, ah
        mov bh, 0
        shl bx, 1
        call [cs:bx + .functions]
        mov [caller_ax], ax
.done:
        service_exit
.functions:
        dw serial_init, serial_send, serial_receive, serial_status, serial_init_extended, serial_modem
.functions_end:

; Each: DX = port, DI = its number; returns AX.

serial_init:
        mov bl, al
        mov cl, 5
        shr bl, cl
        mov bh, 0
        shl bx, 1
        mov bx, [cs:bx + baud_rates]
        and al, 0x1f                    ; parity, stop bit, length: as the line control register has them
; Divisor BX, line control AL.
serial_set:
        mov ah, al
        add dx, 3
        mov al, 0x80
        out dx, al
        sub dx, 3
        mov al, bl
        out dx, al
        inc dx
        mov al, bh
        out dx, al
        add dx, 2
        mov al, ah
        out dx, al
        sub dx, 2
        mov al, 0
        out dx, al                      ; no interrupts
        dec dx
; AH = line status, AL = modem status.
serial_status:
        add dx, 5
        in al, dx
        mov ah, al
        inc dx
        in al, dx
        ret

; Waits until all bits AH of port DX are set. Carry: not within the port's time-out. AL = the port.
serial_wait:
        push bx
        push cx
        mov bl, [di + bda.com_timeout]
        mov bh, 0
        test bl, bl
        jnz .second
        inc bx
.second:
        mov cx, 0                       ; 65536 * 15 us
.again:
        in al, dx
        and al, ah
        cmp al, ah
        je .done
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        dec bx
        jnz .second
        stc
.done:
        in al, dx
        pop cx
        pop bx
        ret

serial_send:
        mov bl, al
        add dx, 4
        in al, dx
        or al, 0x03                     ; DTR, RTS
        out dx, al
        add dx, 2
        mov ah, 0x30                    ; DSR, CTS
        call serial_wait
        jc .timeout
        dec dx
        mov ah, 0x20                    ; room for a byte
        call serial_wait
        jc .timeout
        mov ah, al
        sub dx, 5
        mov al, bl
        out dx, al
        and ah, 0x7f
        ret
.timeout:
        mov ah, al
        or ah, 0x80
        mov al, bl
        ret

serial_receive:
        add dx, 4
        in al, dx
        and al, 0xfc
        or al, 0x01                     ; DTR
        out dx, al
        add dx, 2
        mov ah, 0x20                    ; DSR
        call serial_wait
        jc .timeout
        dec dx
        mov ah, 0x01                    ; a byte
        call serial_wait
        jc .timeout
        mov ah, al
        and ah, 0x1e                    ; errors alone
        sub dx, 5
        in al, dx
        ret
.timeout:
        mov ah, al
        or ah, 0x80
        mov al, 0
        ret

; AL = break, BH = parity, BL = stop bits, CH = length, CL = rate (0-8; 8: 19200).
serial_init_extended:
        mov bx, [caller_bx]
        mov cx, [caller_cx]
        and al, 0x01
        ror al, 1
        ror al, 1
        mov ah, al                      ; break: bit 6
        and bx, 0x0701
        cmp bh, 4
        ja .parity
        push bx
        mov bl, bh
        mov bh, 0
        or ah, [cs:bx + .parities]
        pop bx
.parity:
        shl bl, 1
        shl bl, 1
        or ah, bl
        and ch, 0x03
        or ah, ch
        mov al, ah
        mov bl, cl
        mov bh, 0
        cmp bl, 8
        mov cx, 6                       ; 19200
        jae .rate
        shl bx, 1
        mov cx, [cs:bx + baud_rates]
.rate:
        mov bx, cx
        jmp serial_set
.parities:
        db 0x00, 0x08, 0x18, 0x28, 0x38

; AL=0: modem control register to BL; AL=1: from BL.
serial_modem:
        add dx, 4
        test al, al
        jnz .write
        in al, dx
        mov [caller_bl], al
        jmp .status
.write:
        mov al, [caller_bl]
        and al, 0x1f
        out dx, al
.status:
        sub dx, 4
        jmp serial_status
