; Level lines and boxes in the planes of mode 12h: set/reset gives the colour, the bit mask
; the ends and, for mixed colours, a pattern.

; Set/reset in all planes, write mode 0.
begin_planes:
        mov  dx, 0x3CE
        mov  ax, 0x0F01
        out  dx, ax
        mov  ax, 0x0005
        out  dx, ax
        mov  ax, 0x0003
        out  dx, ax
        mov  ax, 0xA000
        mov  es, ax
        ret
end_planes:
        mov  dx, 0x3CE
        mov  ax, 0x0001
        out  dx, ax
        mov  ax, 0xFF08
        out  dx, ax
        mov  ax, 0x0003
        out  dx, ax
        mov  ax, 0x0005
        out  dx, ax
        ret

; Columns AX to BX of line DX in colour CL, only where pattern CH has ones. Keeps DX, CX.
draw_level:
        push bp
        push dx
        push cx
        push ax
        mov  al, 80
        xor  ah, ah
        mul  dx
        mov  di, ax
        pop  ax
        push ax
        mov  ah, cl                 ; the colour
        mov  al, 0
        mov  dx, 0x3CE
        out  dx, ax
        pop  ax
        mov  cl, al
        and  cl, 7
        mov  dl, 0xFF
        shr  dl, cl                 ; of the first byte
        mov  cl, 3
        shr  ax, cl
        add  di, ax
        mov  si, ax
        mov  cl, bl
        and  cl, 7
        xor  cl, 7
        mov  dh, 0xFF
        shl  dh, cl                 ; of the last
        mov  cl, 3
        shr  bx, cl
        sub  bx, si                 ; bytes, less one
        mov  si, dx
        mov  dx, 0x3CE
        mov  al, 8
        or   bx, bx
        jnz  .more
        mov  cx, si                 ; one byte
        and  cl, ch
        mov  si, cx
        pop  cx
        push cx
        mov  bx, si
        mov  ah, bl
        and  ah, ch
        call .byte
        jmp  .done
.more:  mov  cx, si
        mov  bp, cx
        pop  cx
        push cx
        push bx
        mov  bx, bp
        mov  ah, bl
        pop  bx
        and  ah, ch
        call .byte
        mov  ah, ch
        out  dx, ax
        mov  cx, bx
        dec  cx
        jz   .last
.middle:
        mov  ah, [es:di]
        mov  [es:di], ah
        inc  di
        loop .middle
.last:  pop  cx
        push cx
        mov  bx, bp
        mov  ah, bh
        and  ah, ch
        call .byte
.done:  pop  cx
        pop  dx
        pop  bp
        ret
.byte:  out  dx, ax
        mov  ah, [es:di]            ; into the latches
        mov  [es:di], ah
        inc  di
        ret

; Lines DX to BP, columns AX to BX, colour CL.
draw_box:
        mov  ch, 0xFF
.next:  push ax
        push bx
        call draw_level
        pop  bx
        pop  ax
        inc  dx
        cmp  dx, bp
        jbe  .next
        ret
