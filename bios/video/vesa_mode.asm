; VESA functions 02h and 03h: setting and telling the mode.

; SI = the row of mode AX. Carry: there is none.
find_vesa_mode:
        mov  si, vesa_modes
.next:  cmp  word [cs:si], 0
        je   .none
        cmp  [cs:si], ax
        je   .found                     ; and no carry
        add  si, vesa_mode_row
        jmp  .next
.none:  stc
.found: ret

; ---- 02h: BX = mode, bit 14 by its linear address, bit 15 keeps memory ----------
vesa_set_mode:
        mov  ax, bx
        and  ax, 0x01FF
        test ah, 1
        jnz  .linear
        cmp  al, mode_last
        ja   .refuse
        mov  si, ax
        cmp  byte [cs:mode_parameters + si], 0xFF
        je   .refuse
        and  bh, 0x80
        or   al, bh
        call set_mode
        clc
        ret
.refuse:
        stc
.done:  ret
.linear:
        call find_vesa_mode
        jc   .done
        test bh, 0x40
        jz   .set
        call frame_buffer_address
        or   ax, dx
        jz   .refuse
.set:   push bx
        push si
        mov  ax, 0x0093                 ; colours and timing are mode 13h's, memory stays
        call set_mode
        pop  si
        mov  al, dispi_width
        mov  bx, [cs:si + vesa_mode_width]
        call write_dispi
        mov  al, dispi_height
        mov  bx, [cs:si + vesa_mode_height]
        call write_dispi
        mov  al, dispi_depth
        mov  bl, [cs:si + vesa_mode_depth]
        mov  bh, 0
        call write_dispi
        pop  cx
        mov  bx, dispi_on | dispi_linear
        test ch, 0x80
        jz   .enable
        or   bl, dispi_keep
.enable:
        mov  al, dispi_enable
        call try_dispi
        jc   .done
        ; What programs may look at. No text is drawn in these modes: they look to the text functions like a text mode, whose
        ; memory does not answer now.
        and  cx, 0xC1FF
        mov  [bda_vesa_mode], cx
        and  byte [bda_control], 0xFF - control_keep
        mov  byte [bda_mode], 0x7F
        mov  ax, [cs:si + vesa_mode_width]
        mov  cl, 3
        shr  ax, cl
        mov  [bda_columns], ax
        mov  ax, [cs:si + vesa_mode_height]
        inc  cl
        shr  ax, cl
        dec  ax
        mov  [bda_rows], al
        mov  word [bda_char_height], 16
        clc
        ret

; ---- 03h: BX = the mode ----------------------------------------------------------
vesa_get_mode:
        call test_linear
        mov  ax, [bda_vesa_mode]
        jnz  .told
        mov  al, [bda_mode]
        mov  ah, 0
.told:  mov  [bp + frame_bx], ax        ; no carry from the test
        ret
