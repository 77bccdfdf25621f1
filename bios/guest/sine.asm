; A sine wave: 256 steps around, values 1 to 255, 128 is nothing.

quarter:
        db   0, 3, 6, 9, 12, 16, 19, 22, 25, 28, 31, 34, 37, 40, 43, 46
        db   49, 51, 54, 57, 60, 63, 65, 68, 71, 73, 76, 78, 81, 83, 85, 88
        db   90, 92, 94, 96, 98, 100, 102, 104, 106, 107, 109, 111, 112, 113, 115, 116
        db   117, 118, 120, 121, 122, 122, 123, 124, 125, 125, 126, 126, 126, 127, 127, 127
        db   127

make_sine:
        xor  si, si
.next:  mov  al, [quarter + si]
        mov  ah, 128
        add  ah, al
        mov  [sine + si], ah        ; up, and mirrored down
        mov  bx, 128
        sub  bx, si
        mov  [sine + bx], ah
        mov  ah, 128
        sub  ah, al
        or   si, si
        jz   .start
        mov  bx, 256
        sub  bx, si
        mov  [sine + bx], ah
.start: mov  [sine + 128 + si], ah
        inc  si
        cmp  si, 64
        jbe  .next
        ret
