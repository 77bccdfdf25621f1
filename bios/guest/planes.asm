; The third scene: mode 12h, four planes. A beam paints a picture on the screen of a
; monitor, line by line from the top, and flies back; then the floor moves by its colours.
;
; Lines are drawn with set/reset and the bit mask, mixed colours with a pattern in the
; mask, the beam's way back with exclusive or in write mode 2.

        absolute scene_variables
painted:    resw 1
beam_x:     resw 1
beam_y:     resw 1
beam_error: resw 1
cycle:      resw 1
letter_line: resb 7
        section .text

screen_left   equ 64
screen_right  equ 575
screen_top    equ 32
screen_bottom equ 383
horizon       equ 232
sun_y         equ 186
sun_radius    equ 80
title_top     equ 52
title_left    equ 180
title_scale   equ 5

; Colours: the sky is 1-6 (7 glows on the horizon), the sun 7-8, the floor 9-12.
ink_case    equ 14
ink_shade   equ 13
ink_beam    equ 15

planes_palette:
        db   0, 0, 0
        db   6, 3, 20,  16, 5, 30,  28, 8, 36,  42, 11, 36,  54, 20, 30,  62, 34, 24
        db   63, 56, 26,  63, 28, 30
        db   14, 2, 22,  14, 2, 22,  14, 2, 22,  14, 2, 22
        db   18, 18, 22
        db   40, 40, 44
        db   63, 63, 63

planes:
        mov  ax, 0x0012
        int  0x10
        mov  ax, 0x1002
        mov  dx, identity
        push ds
        pop  es
        int  0x10
        mov  si, planes_palette
        mov  cx, 48
        mov  dx, 0x3C8
        mov  al, 0
        out  dx, al
        inc  dx
.colour:
        lodsb
        out  dx, al
        loop .colour
        call write_caption
        call open_frames
        call begin_planes
        call draw_monitor
        mov  word [painted], screen_top
        mov  word [cycle], 0
.paint: call wait_frame
        mov  cx, 2
.line:  push cx
        mov  dx, [painted]
        call paint_line
        inc  word [painted]
        mov  dx, [painted]
        pop  cx
        cmp  dx, screen_bottom
        ja   .painted
        push cx
        call draw_beam
        pop  cx
        loop .line
        call poll_key
        jnc  .paint
        jmp  .leave
.painted:
        call start_back             ; drawn, and drawn again to take it away
        call fly_back
        jc   .leave
        call start_back
        call fly_back
        jc   .leave
.move:  call wait_frame
        call move_floor
        call poll_key
        jnc  .move
.leave: push ax
        call end_planes
        pop  ax
        jmp  close_frames

write_caption:
        mov  si, .text
        mov  ah, 2
        mov  bh, 0
        mov  dx, 29 << 8 | 20
        int  0x10
.next:  lodsb
        or   al, al
        jz   .done
        mov  ah, 0x0E
        mov  bx, ink_case
        int  0x10
        jmp  .next
.done:  ret
.text:  db   "640 x 480 in 16 colours    Esc  back", 0

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

draw_monitor:
        mov  bx, .boxes
.next:  cmp  word [bx], 0
        je   .done
        push bx
        mov  ax, [bx]
        mov  dx, [bx + 4]
        mov  bp, [bx + 6]
        mov  cl, [bx + 8]
        mov  bx, [bx + 2]
        call draw_box
        pop  bx
        add  bx, 9
        jmp  .next
.done:  ret

; Left, right, top, bottom, colour. The case is four boxes, so that its corners are cut.
.boxes:
%macro box 5
        dw   %1, %2, %3, %4
        db   %5
%endmacro
        box  36, 603, 6, 411, ink_case
        box  32, 607, 10, 407, ink_case
        box  28, 611, 16, 401, ink_case
        box  34, 605, 408, 413, ink_shade
        box  52, 587, 22, 393, ink_shade
        box  56, 583, 26, 389, 0
        box  64, 575, 32, 383, 0
        box  240, 399, 412, 431, ink_shade
        box  220, 419, 432, 439, ink_shade
        box  180, 459, 440, 447, ink_case
        box  176, 463, 448, 453, ink_shade
        box  552, 567, 397, 400, 7
        box  520, 535, 397, 400, ink_shade
        dw   0

; ---- the picture, line DX --------------------------------------------------------
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

; ---- the beam --------------------------------------------------------------------
draw_beam:
        mov  ax, screen_left
        mov  bx, screen_right
        mov  cx, 0xFF00 | ink_beam
        jmp  draw_level

; From the lower right corner to the upper left one.
start_back:
        mov  word [beam_x], screen_right
        mov  word [beam_y], screen_bottom
        mov  word [beam_error], 0
        ret

fly_back:
        call wait_frame
        mov  dx, 0x3CE
        mov  ax, 0x1803             ; exclusive or
        out  dx, ax
        mov  ax, 0x0205
        out  dx, ax
        mov  bp, 24                 ; so many dots a retrace
.next:  mov  ax, [beam_y]
        mov  bx, 80
        mul  bx
        mov  di, ax
        mov  ax, [beam_x]
        mov  cl, 3
        mov  bx, ax
        shr  bx, cl
        add  di, bx
        mov  cl, al
        and  cl, 7
        mov  ax, 0x8008
        shr  ah, cl
        mov  dx, 0x3CE
        out  dx, ax
        mov  al, [es:di]
        mov  byte [es:di], 0x0F
        dec  word [beam_x]
        mov  ax, [beam_error]
        add  ax, screen_bottom - screen_top
        cmp  ax, screen_right - screen_left
        jb   .level
        sub  ax, screen_right - screen_left
        dec  word [beam_y]
.level: mov  [beam_error], ax
        cmp  word [beam_x], screen_left
        jb   .there
        dec  bp
        jnz  .next
        call begin_planes
        call poll_key
        jnc  fly_back
        ret
.there: call begin_planes
        clc
        ret

; One of the floor's four colours is light, and it is another every fourth retrace.
move_floor:
        inc  word [cycle]
        mov  ax, [cycle]
        test al, 3
        jnz  .done
        shr  ax, 1
        shr  ax, 1
        and  al, 3
        mov  bl, al
        mov  dx, 0x3C8
        mov  al, 9
        out  dx, al
        inc  dx
        xor  bh, bh
.next:  mov  si, planes_palette + 3 * 9
        cmp  bh, bl
        jne  .dark
        mov  si, .light
.dark:  mov  cx, 3
.part:  lodsb
        out  dx, al
        loop .part
        inc  bh
        cmp  bh, 4
        jb   .next
.done:  ret
.light: db   50, 14, 48
