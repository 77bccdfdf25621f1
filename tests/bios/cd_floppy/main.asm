; The first sectors of a 1.44 MB floppy that a CD carries: it boots as drive A and reads its sectors as a floppy's. A letter on
; the debug port for what does not hold; the exit port gets 0 if all holds.

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
        test dl, dl
        must z, 'd'
        mov ax, 0x0203                  ; three sectors of the first track, from the second on
        mov bx, 0x8000
        mov cx, 0x0002
        mov dx, 0x0000
        int 0x13
        must nc, 'r'
        cmp dword [0x8000], 'F001'
        must e, 'a'
        cmp dword [0x8000 + 512], 'F002'
        must e, 'b'
        cmp dword [0x8000 + 1024], 'F003'
        must e, 'c'
        mov ax, 0x0201                  ; cylinder 1, head 1, sector 3: 36 + 18 + 2
        mov cx, 0x0103
        mov dx, 0x0100
        int 0x13
        must nc, 'R'
        cmp dword [0x8000], 'F056'
        must e, 'f'
        mov ah, 0x08
        mov dl, 0
        push es
        int 0x13
        pop es
        must nc, 'p'
        cmp cx, 0x4f12
        must e, 'g'
        cmp dh, 1
        must e, 'h'
        mov ax, 0x0301
        mov bx, 0x8000
        mov cx, 0x0001
        mov dx, 0
        int 0x13
        must c, 'w'
        cmp ah, 3
        must e, 'W'
        mov ax, 0x4b00                  ; no more emulation: drive A is the machine's, which is empty
        mov si, 0x9000
        int 0x13
        must nc, 't'
        mov ax, 0x0201
        mov cx, 0x0001
        int 0x13
        must c, 'T'
        mov al, '.'
        out 0xe9, al
        mov al, [failures]
        mov dx, 0x501
        out dx, al
.stop:  hlt
        jmp .stop
failures:       db 0
        times 510 - ($ - $$) db 0
        dw 0xaa55
