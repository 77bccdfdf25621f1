; What a CD without emulation boots: it asks INT 13h where it comes from and reads on by itself. A line on the debug port
; for what does not hold; the exit port gets 0 if all holds.

        cpu 386
        bits 16
        org 0x7c00

%macro must 2                           ; condition, letter
        j%1 %%holds
        mov al, %2
        out 0xe9, al
        inc byte [failures]
%%holds:
%endmacro

start:
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov [drive], dl
        cmp dl, 0xe0
        must e, 'd'
        mov ax, cs
        test ax, ax
        must z, 'c'

        mov ax, 0x4b01
        mov si, packet
        mov cx, 0xaaaa
        int 0x13
        must nc, 'p'
        cmp byte [packet], 0x13
        must e, '0'
        cmp byte [packet + 1], 0
        must e, '1'
        cmp byte [packet + 2], 0xe0
        must e, '2'
        cmp dword [packet + 4], 20
        must e, '4'
        cmp word [packet + 12], 0x07c0
        must e, 'C'
        cmp word [packet + 14], 5
        must e, 'E'
        cmp cx, 0xaaaa
        must e, 'k'

        mov ah, 0x41
        mov bx, 0x55aa
        mov dl, [drive]
        int 0x13
        must nc, 'x'
        cmp bx, 0xaa55
        must e, 'X'

        mov ah, 0x48
        mov si, parameters
        int 0x13
        must nc, 's'
        cmp word [parameters + 24], 2048
        must e, 'S'

        mov ah, 0x42                    ; two sectors from 30 on
        mov si, address
        mov dword [address + 8], 30
        int 0x13
        must nc, 'r'
        mov ax, 0x1000
        mov es, ax
        cmp dword [es:0], 'S030'
        must e, 'R'
        cmp dword [es:2048], 'S031'
        must e, 'Q'
        mov ah, 0x42                    ; beyond the end
        mov dword [address + 8], 1000000
        int 0x13
        must c, 'e'
        cmp word [address + 2], 0
        must e, 'n'

        cmp dword [second_sector], 'NEXT'  ; the image's second CD sector was loaded, too
        must e, 'l'
        mov al, '.'
        out 0xe9, al
        mov al, [failures]
        mov dx, 0x501
        out dx, al
.stop:  hlt
        jmp .stop

drive:          db 0
failures:       db 0
packet:         db 0x13
                times 18 db 0xff
parameters:     dw 26
                times 24 db 0xff
address:        db 16, 0
                dw 2, 0, 0x1000
                dq 0
        times 2048 - ($ - $$) db 0
second_sector:
        db "NEXT"
        times 5 * 512 - ($ - $$) db 0
