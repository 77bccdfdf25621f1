; What the third scene's beam paints: a sky, a sun, a floor to the horizon, the name.

; Line DX of it. Keeps DX.
paint_line:
        cmp  dx, horizon
        jae  .floor
        ; sky: a colour and some of the next, in 24 steps
        mov  ax, dx
        sub  ax, screen_top
        mov  cl, 24
        mul  cl
        mov  cl, horizon - screen_top
        div  cl
        mov  bl, al
        shr  al, 1
        shr  al, 1
        inc  ax
        mov  cl, al
        mov  ch, 0xFF
        push bx
        push cx
        mov  ax, screen_left
        mov  bx, screen_right
        call draw_level
        pop  cx
        pop  bx
        inc  cl
        call find_pattern
        mov  ax, screen_left
        mov  bx, screen_right
        call draw_level
        call paint_sun
        jmp  paint_title
.floor: mov  bx, dx
        sub  bx, horizon - 1
        mov  cl, 9
        cmp  bx, 5
        jb   .flat
        push dx
        mov  ax, 4800
        xor  dx, dx
        div  bx
        pop  dx
        shr  ax, 1
        shr  ax, 1
        and  al, 3
        add  cl, al
.flat:  mov  ch, 0xFF
        mov  ax, screen_left
        mov  bx, screen_right
        push cx
        call draw_level
        pop  cx
        ; lines that meet on the horizon
        mov  bx, dx
        sub  bx, horizon
        shr  bx, 1
        add  bx, 6                  ; how far apart
        mov  si, 320
.ray:   push si
        push bx
        mov  ax, si
        call .dot
        mov  ax, 640
        sub  ax, si
        call .dot
        pop  bx
        pop  si
        add  si, bx
        cmp  si, screen_right - 1
        jb   .ray
        ret
.dot:   push si
        mov  bx, ax
        inc  bx
        mov  cx, 0xFF00 | 5
        call draw_level
        pop  si
        ret

; CH = how much of the second colour on line DX: BL bits 1-0 quarters.
find_pattern:
        and  bx, 3
        shl  bx, 1
        mov  ax, dx
        and  ax, 1
        add  bx, ax
        mov  ch, [.patterns + bx]
        ret
.patterns: db 0, 0, 0x88, 0x22, 0xAA, 0x55, 0xEE, 0xBB

paint_sun:
        mov  ax, dx
        sub  ax, sun_y
        cmp  ax, sun_radius
        jge  .done
        cmp  ax, -sun_radius
        jle  .done
        ; gaps that grow from the middle down
        push ax
        add  ax, 20
        js   .whole
        mov  bl, 11
        div  bl                     ; AL = which, AH = line of it
        shr  al, 1
        inc  ax
        cmp  ah, al
        pop  ax
        jbe  .done
        push ax
.whole: pop  ax
        push dx
        imul ax
        mov  si, ax
        pop  dx
        mov  bx, 0                  ; half the width
.wider: mov  ax, bx
        push dx
        mul  bx
        pop  dx
        add  ax, si
        cmp  ax, sun_radius * sun_radius
        jae  .found
        inc  bx
        jmp  .wider
.found: mov  si, bx
        mov  ax, 320
        sub  ax, si
        mov  bx, 320
        add  bx, si
        push ax
        push bx
        mov  cx, 0xFF00 | 7
        call draw_level
        ; redder towards the bottom
        mov  ax, dx
        sub  ax, sun_y - sun_radius
        mov  cl, 5
        shr  ax, cl
        cmp  al, 3
        jbe  .red
        mov  al, 3
.red:   mov  bl, al
        mov  cl, 8
        call find_pattern
        pop  bx
        pop  ax
        call draw_level
.done:  ret

; The name, first its shadow.
paint_title:
        push dx
        mov  si, 4
        mov  cl, 0
        call .at
        pop  dx
        xor  si, si
        mov  cl, ink_beam
.at:    push dx                     ; SI = how far right and down, CL = colour
        mov  ax, dx
        sub  ax, title_top
        sub  ax, si
        jb   .done
        cmp  ax, 10 * title_scale
        jae  .done
        mov  bl, title_scale
        div  bl
        xor  ah, ah
        push cx
        push si
        push es
        mov  di, ax
        push di
        mov  ax, 0x1130
        mov  bh, 6
        int  0x10
        pop  di
        pop  cx                     ; the planes' segment
        mov  dx, cx
        lea  di, [di + 2]
        add  di, bp
        pop  si
        pop  cx
        pop  bx
        push bx
        push es
        mov  es, dx
        pop  dx                     ; DX = the font's segment, DI in it, BX = line
        add  si, title_left
        mov  bp, welcome_name
.letter:
        mov  al, [bp]
        or   al, al
        jz   .done
        push bx
        mov  ah, 16
        mul  ah
        mov  bx, ax
        push ds
        mov  ds, dx
        mov  al, [bx + di]
        pop  ds
        pop  bx
        mov  ah, 8
.bit:   shl  al, 1
        jnc  .dark
        push ax
        push bx
        push dx
        push si
        push di
        mov  dx, bx
        mov  ax, si
        mov  bx, si
        add  bx, title_scale - 1
        mov  ch, 0xFF
        call draw_level
        pop  di
        pop  si
        pop  dx
        pop  bx
        pop  ax
.dark:  add  si, title_scale
        dec  ah
        jnz  .bit
        inc  bp
        jmp  .letter
.done:  pop  dx
        ret
