; VESA function 04h: saving and restoring.

; ---- 04h: DL = 0 size in BX, 1 save to ES:BX, 2 restore; CX as function 1Ch, bit 3: the linear frame buffer's registers ---
vesa_state:
        and  cx, 0x0F
        mov  si, bx
        push cx
        and  cl, 0x07
        call state_size                 ; to the caller's BX, in units of 64 bytes
        pop  cx
        mov  ax, [bp + frame_bx]
        cmp  dl, 1
        jb   .size
        mov  [bp + frame_bx], si
        ja   .restore
        push si
        push ax
        push cx
        mov  bx, si
        and  cl, 0x07
        call save_state
        pop  cx
        pop  ax
        pop  si
        call .place
        jz   .done
        mov  bx, dispi_enable
        call .store
        mov  bx, dispi_width
.save:  call .store
        inc  bx
        cmp  bx, dispi_enable
        je   .save_next
        cmp  bx, dispi_top
        jbe  .save
        mov  ax, [bda_vesa_mode]
        stosw
.done:  clc
        ret
.save_next:
        inc  bx
        jmp  .save
.store: mov  al, bl
        call read_dispi
        stosw
        ret
.size:  test cl, 0x08
        jz   .told
        inc  ax
.told:  mov  [bp + frame_bx], ax
        clc
        ret
.restore:
        cmp  dl, 2
        jne  .refuse
        test cl, 0x08
        jz   .vga
        call leave_linear
.vga:   push si
        push ax
        push cx
        mov  bx, si
        and  cl, 0x07
        call restore_state
        pop  cx
        pop  ax
        pop  si
        call .place
        jz   .done
        ; width, height and depth; then it is enabled with memory as it is; then the rest
        mov  si, di
        mov  cx, [es:si]
        mov  ax, [es:si + 18]
        mov  [bda_vesa_mode], ax
        test cl, dispi_on
        jz   .done
        inc  si
        inc  si
        mov  al, dispi_width
.first: call .load
        cmp  al, dispi_enable
        jb   .first
        mov  bx, cx
        or   bl, dispi_keep
        push ax
        call write_dispi
        pop  ax
.rest:  inc  ax
        cmp  al, dispi_lines
        je   .skip
        push ax
        mov  bx, [es:si]
        call write_dispi
        pop  ax
.skip:  inc  si
        inc  si
        cmp  al, dispi_top
        jb   .rest
        clc
        ret
.load:  mov  bx, [es:si]
        inc  si
        inc  si
        push ax
        call write_dispi
        pop  ax
        inc  ax
        ret
.refuse:
        stc
        ret
; ES:DI = where the linear frame buffer's registers are kept, AX units behind SI. Zero: nobody asked for them.
.place: push cx
        mov  cl, 6
        shl  ax, cl
        pop  cx
        add  ax, si
        mov  di, ax
        test cl, 0x08
        ret
