; VESA functions 08h and 09h: the palette.

; ---- 08h: BL = 0: the DAC gets BH bits, 1: tell them in BH -----------------------
vesa_dac_width:
        call test_linear
        jz   .refuse
        push ax
        call current_pixel_bytes
        cmp  ax, 1
        pop  ax
        jne  .refuse
        cmp  bl, 1
        ja   .refuse
        je   .tell
        and  al, 0xFF - dispi_8_bit_dac
        or   al, dispi_keep
        cmp  bh, 8
        jb   .set
        or   al, dispi_8_bit_dac
.set:   mov  bx, ax
        mov  al, dispi_enable
        call write_dispi
        call test_linear
.tell:  mov  ah, 6
        test al, dispi_8_bit_dac
        jz   .told
        mov  ah, 8
.told:  mov  [bp + frame_bh], ah
        clc
        ret
.refuse:
        stc
        ret

; ---- 09h: BL = 0 or 80h (in the retrace): CX colours from DX on = ES:DI (blue, green, red, nothing); 1 tell ---
vesa_palette:
        mov  ax, dx
        add  ax, cx
        jc   .refuse
        cmp  ax, 256
        ja   .refuse
        jcxz .done                      ; and no carry
        mov  al, dl
        cmp  bl, 1
        je   .tell
        test bl, 0x7F
        jnz  .refuse
        test bl, 0x80
        jz   .set
        push ax
        call await_retrace
        pop  ax
.set:   mov  dx, port_dac_write
        out  dx, al
        inc  dx
.next:  mov  al, [es:di + 2]
        out  dx, al
        mov  al, [es:di + 1]
        out  dx, al
        mov  al, [es:di]
        out  dx, al
        add  di, 4
        loop .next
.done:  clc
        ret
.tell:  mov  dx, port_dac_read
        out  dx, al
        inc  dx
        inc  dx
.read:  in   al, dx
        mov  [es:di + 2], al
        in   al, dx
        mov  [es:di + 1], al
        in   al, dx
        mov  [es:di], al
        mov  byte [es:di + 3], 0
        add  di, 4
        loop .read
        clc
        ret
.refuse:
        stc
        ret
