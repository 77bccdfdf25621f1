; VESA functions 0Ah, 0Bh and 15h: code for protected mode, pixel clocks, the monitor.

; ---- 0Ah: BL = 0: ES:DI = code for protected mode, CX = its length ----------------
vesa_protected:
        cmp  bl, 0
        jne  .refuse
        call is_386
        jb   .done
        mov  [bp + frame_es], cs
        mov  word [bp + frame_di], protected_interface
        mov  word [bp + frame_cx], protected_interface_end - protected_interface
        clc
.done:  ret
.refuse:
        stc
        ret

; ---- 0Bh: ECX = a pixel clock: any that is wished for ------------------------------
vesa_pixel_clock:
        cmp  bl, 1
        cmc
        ret

; ---- 15h: BL = 0: what of DDC there is in BX; 1: block DX of the monitor's EDID to ES:DI ---
vesa_ddc:
        cmp  bl, 1
        ja   .refuse
        je   .edid
        mov  word [bp + frame_bx], 0x0102       ; a second at most; DDC2
        clc
        ret
.edid:  test dx, dx
        jnz  .refuse
        push ds
        push cs
        pop  ds
        mov  si, edid
        mov  cx, 64
        rep  movsw
        pop  ds
        clc
        ret
.refuse:
        stc
        ret

; Carry: older than a 386. Changes AX.
is_386:
        pushf
        xor  ax, ax
        push ax
        popf
        pushf
        pop  ax
        cmp  ah, 0xF0                   ; an 8086 has these bits always set
        jae  .older
        mov  ax, 0x7000
        push ax
        popf
        pushf
        pop  ax
        test ah, 0x70                   ; a 286 in real mode has them always clear
        jz   .older
        popf
        clc
        ret
.older: popf
        stc
        ret
