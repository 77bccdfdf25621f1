; A ROM that takes the place of all firmware: it says on port 190h how far it came, and on COM1 what it found.
        bits 16
        cpu 8086
        org 0

start:
        mov al, 1
        call post
        mov ax, cs                      ; by the far jump of the reset vector: the alias below 1 MiB
        cmp ax, 0f000h
        jne stop
        mov al, 2
        call post
        xor ax, ax                      ; nobody has been here: no vector, no BIOS data
        mov ds, ax
        mov cx, 280h
        xor si, si
.empty:
        lodsw
        test ax, ax
        jnz stop
        loop .empty
        mov al, 3
        call post
        mov ax, 0c000h                  ; no other firmware
        mov ds, ax
        cmp word [0], 0aa55h
        je stop
        mov byte [0], 12h               ; and nothing can be written
        cmp byte [0], 0ffh
        jne stop
        mov al, 4
        call post
        mov ax, 0f000h
        mov ds, ax
        mov byte [start], 0
        cmp byte [start], 0b0h
        jne stop
        mov al, 0ffh
        call post
        mov si, text
.letter:
        mov dx, 3fdh
.wait:
        in al, dx
        test al, 20h
        jz .wait
        cs lodsb
        test al, al
        jz .end
        mov dx, 3f8h
        out dx, al
        jmp .letter
.end:
        mov dx, 0f4h
        mov ax, 1205h                   ; 16 bits: the lower byte counts
        out dx, ax
stop:
        cli
        hlt
        jmp stop

post:
        mov dx, 190h
        out dx, al
        retn

text:   db "the ROM ran", 10, 0

        times 0fff0h - ($ - $$) db 0ffh
        jmp 0f000h:start
        times 10000h - ($ - $$) db 0ffh
