; INT 17h: the parallel ports of 0040:0008.

find_parallel_ports:
        mov ds, [cs:bda_segment]
        mov si, .ports
        xor di, di
.next:
        mov dx, [cs:si]
        add si, 2
        test dx, dx
        jz .done
        mov al, 0xaa                    ; a data register reads back what it drives
        out dx, al
        io_delay
        in al, dx
        cmp al, 0xaa
        jne .next
        mov al, 0x55
        out dx, al
        io_delay
        in al, dx
        cmp al, 0x55
        jne .next
        mov [di + bda.lpt], dx
        add di, 2
        jmp .next
.done:
        mov ax, di
        mov cl, 5
        shl al, cl                      ; bits 14-15: how many
        and byte [bda.equipment + 1], 0x3f
        or [bda.equipment + 1], al
        ret
.ports: dw 0x3bc, 0x378, 0x278, 0

int17:
        service_entry
        sti
        mov di, dx
        cmp di, 3
        jae .none
        mov si, di
        shl si, 1
        mov dx, [si + bda.lpt]
        test dx, dx
        jz .none
        cmp ah, 1
        jb .print
        je .init
        cmp ah, 2
        je .status
        jmp .done
.none:
        mov byte [caller_ah], 0x01      ; time-out
.done:
        service_exit
.init:
        add dx, 2
        mov al, 0x08                    ; INIT low, for 50 us at least
        out dx, al
        mov cx, 5
        call refresh_wait
        mov al, 0x0c
        out dx, al
        sub dx, 2
.status:
        mov bl, 0
.answer:                                ; AH: 7 idle, 6 acknowledge, 5 no paper, 4 selected, 3 error, 0 time-out
        inc dx
        in al, dx
        xor al, 0x48
        and al, 0xf8
        or al, bl
        mov [caller_ah], al
        jmp .done
.print:
        out dx, al
        inc dx
        in al, dx
        test al, 0x80
        jnz .ready
        mov ax, 0x90fe                  ; a multitasker may do something else meanwhile
        int 0x15
        mov bl, [di + bda.lpt_timeout]
        mov bh, 0
.second:
        mov cx, 0
.again:
        in al, dx
        test al, 0x80
        jnz .ready
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        dec bx
        jg .second
        dec dx
        mov bl, 0x01
        jmp .answer
.ready:
        inc dx
        in al, dx
        and al, 0xfe
        or al, 0x0d                     ; strobe, with the printer selected
        cli
        out dx, al
        io_delay
        io_delay
        and al, 0xfe
        out dx, al
        sti
        sub dx, 2
        jmp .status
