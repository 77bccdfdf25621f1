; Pixels: writing (0Ch) and reading (0Dh) in every graphics mode.

; SI = class, ES:DI = the byte of column CX, line DX on page BH, CL = its bit counted
; from the left. CF: a text mode, which has no pixels. Spoils AX, CX, DX.
find_pixel:
        call find_class
        cmp  si, class_text
        je   .none
        mov  ax, 0xB800
        cmp  si, class_planar
        jb   .segment
        mov  ax, 0xA000
.segment:
        mov  es, ax
        xor  di, di
        mov  ax, 320
        cmp  si, class_linear
        je   .lines
        mov  ax, [bda_columns]
        cmp  si, class_planar
        je   .lines
        shr  dx, 1                      ; an odd line: the second bank
        mov  ax, 80
        jnc  .lines
        mov  di, 0x2000
.lines: mul  dx
        add  di, ax
        mov  ax, cx
        cmp  si, class_linear
        je   .add
        shr  ax, 1
        shr  ax, 1
        cmp  si, class_cga4
        je   .two
        shr  ax, 1
        and  cl, 7
        jmp  .add
.two:   and  cl, 3
        shl  cl, 1
.add:   add  di, ax
        cmp  si, class_planar
        jne  .done
        call find_page
        add  di, ax
.done:  clc
        ret
.none:  stc
        ret

; ---- 0Ch: AL = colour (bit 7: exclusive or, not in mode 13h), BH = page, -----
;      CX = column, DX = line
write_pixel:
        push ax
        call find_pixel
        pop  ax
        jc   .done
        jmp  [cs:.write - class_cga4 + si]
.done:  ret

.write: dw   .cga4, .cga2, .planar, .linear

.linear:
        mov  [es:di], al
        ret

.cga4:  mov  ah, 0xC0
        ror  al, 1
        ror  al, 1
        jmp  .bits
.cga2:  mov  ah, 0x80
        ror  al, 1
.bits:  mov  bl, [bp + frame_al]
        and  al, ah
        shr  al, cl
        shr  ah, cl
        test bl, 0x80
        jnz  .exclusive
        not  ah
        and  ah, [es:di]
        or   al, ah
        mov  [es:di], al
        ret
.exclusive:
        xor  [es:di], al
        ret

.planar:
        mov  bl, al
        call planar_begin
        mov  dx, port_graphics
        mov  ax, 0x8008                 ; this bit alone
        shr  ah, cl
        out  dx, ax
        mov  ax, 0x0205                 ; a colour is written, not bits
        out  dx, ax
        test bl, 0x80
        jz   .plane
        mov  ax, 0x1803
        out  dx, ax
.plane: mov  al, [es:di]
        mov  [es:di], bl
        jmp  planar_end

; ---- 0Dh: BH = page, CX = column, DX = line; AL = colour ---------------------
read_pixel:
        call find_pixel
        jc   .done
        call [cs:.read - class_cga4 + si]
        mov  [bp + frame_al], al
.done:  ret

.read:  dw   .cga4, .cga2, .planar, .linear

.linear:
        mov  al, [es:di]
        ret

.cga4:  mov  al, [es:di]
        shl  al, cl
        rol  al, 1
        rol  al, 1
        and  al, 3
        ret

.cga2:  mov  al, [es:di]
        shl  al, cl
        rol  al, 1
        and  al, 1
        ret

.planar:
        mov  bh, 0x80
        shr  bh, cl
        mov  bl, 0
        mov  dx, port_graphics
        mov  ax, 0x0005
        out  dx, ax
        mov  ax, 0x0304                 ; from plane 3 down
.plane: out  dx, ax
        shl  bl, 1
        test [es:di], bh
        jz   .clear
        inc  bx
.clear: dec  ah
        jns  .plane
        mov  al, bl
        ret
