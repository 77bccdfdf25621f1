; VESA functions 05h to 07h: which part of memory is seen, by the processor and on the screen.

; ---- 05h: BL = 0 window A; BH = 0: DX = its place, 1: tell it in DX --------------
vesa_window:
        cmp  bx, 0x0100
        je   .tell
        test bx, bx
        jnz  .refuse
        call test_linear
        jz   .refuse
        mov  al, dispi_bank
        mov  bx, dx
        jmp  try_dispi
.tell:  mov  al, dispi_bank
        call read_dispi
        mov  [bp + frame_dx], ax
        clc
        ret
.refuse:
        stc
        ret

; The same by a far call, which may change AX and DX; it tells in DX.
vesa_window_far:
        push bx
        push cx
        mov  al, dispi_bank
        cmp  bh, 1
        je   .tell
        mov  bx, dx
        call write_dispi
        jmp  .done
.tell:  call read_dispi
        mov  dx, ax
.done:  pop  cx
        pop  bx
        mov  ax, 0x004F
        retf

; ---- 06h: BL = 0 set to CX pixels, 1 tell, 2 set to CX bytes, 3 tell the most -----
; BX = bytes of a line, CX = pixels, DX = lines of memory
vesa_line_length:
        call test_linear
        jz   .refuse
        cmp  bl, 1
        jb   .set
        je   .tell
        cmp  bl, 3
        je   .most
        ja   .refuse
        call current_pixel_bytes
        xchg ax, cx
        add  ax, cx
        dec  ax
        xor  dx, dx
        div  cx
        mov  cx, ax
.set:   mov  bx, cx
        mov  al, dispi_pitch
        call try_dispi
        jc   .done
.tell:  mov  al, dispi_lines
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  al, dispi_pitch
        call read_dispi
        mov  cx, ax
.tell_length:
        mov  [bp + frame_cx], cx
        call current_pixel_bytes
        mul  cx
        mov  [bp + frame_bx], ax
        clc
.done:  ret
.refuse:
        stc
        ret
.most:  mov  al, dispi_height
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  cx, ax
        mov  al, dispi_memory
        call read_dispi
        mov  dx, ax
        mov  ax, 0xFFFF
        cmp  dx, cx
        jae  .bytes                     ; more than a word can say
        xor  ax, ax
        div  cx
.bytes: mov  cx, ax
        call current_pixel_bytes
        xchg ax, cx
        xor  dx, dx
        div  cx
        and  al, 0xF8
        mov  cx, ax
        jmp  .tell_length

; ---- 07h: BL = 0 or 80h (in the retrace): the picture begins at pixel CX of line DX; 1 tell ---
vesa_display_start:
        call test_linear
        jz   .refuse
        cmp  bl, 1
        je   .tell
        test bl, 0x7F
        jnz  .refuse
        test bl, 0x80
        jz   .set
        call await_retrace
.set:   mov  al, dispi_left
        mov  bx, cx
        call write_dispi
        mov  al, dispi_top
        mov  bx, dx
        call try_dispi
        jc   .done
        mov  al, dispi_left             ; again: beside the line before it may not have fitted
        mov  bx, cx
        jmp  try_dispi
.tell:  mov  al, dispi_left
        call read_dispi
        mov  [bp + frame_cx], ax
        mov  al, dispi_top
        call read_dispi
        mov  [bp + frame_dx], ax
        mov  byte [bp + frame_bh], 0
        clc
.done:  ret
.refuse:
        stc
        ret

; Until the next vertical retrace begins. Changes AL.
await_retrace:
        push dx
        mov  dx, [bda_crtc]
        add  dl, status_from_crtc
.in:    in   al, dx
        test al, 8
        jnz  .in
.shown: in   al, dx
        test al, 8
        jz   .shown
        pop  dx
        ret
