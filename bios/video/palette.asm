; Palettes: the CGA's (function 0Bh), the attribute controller's and the DAC's
; registers (10h).

; ---- single registers --------------------------------------------------------

; Attribute register BL = BH. The picture stays on: index with bit 5 afterwards.
write_attribute:
        push ax
        push dx
        call reset_attribute_index
        mov  dx, port_attribute
        mov  al, bl
        out  dx, al
        mov  al, bh
        out  dx, al
        mov  al, 0x20
        out  dx, al
        pop  dx
        pop  ax
        ret

; AL = attribute register BL.
read_attribute:
        push dx
        call reset_attribute_index
        mov  dx, port_attribute
        mov  al, bl
        out  dx, al
        inc  dx
        in   al, dx
        push ax
        call reset_attribute_index
        dec  dx
        mov  al, 0x20
        out  dx, al
        pop  ax
        pop  dx
        ret

; The next DAC register = red DH, green CH, blue CL, summed to grey if that is set.
write_colour:
        push ax
        push cx
        push dx
        test byte [bda_vga_flags], vga_grey
        jz   .plain
        call sum_to_grey
.plain: mov  al, dh
        mov  dx, port_dac_data
        out  dx, al
        mov  al, ch
        out  dx, al
        mov  al, cl
        out  dx, al
        pop  dx
        pop  cx
        pop  ax
        ret

; DH, CH, CL = their weighted sum: 30 % red, 59 % green, 11 % blue.
sum_to_grey:
        push ax
        push bx
        mov  al, 77
        mul  dh
        mov  bx, ax
        mov  al, 151
        mul  ch
        add  bx, ax
        mov  al, 28
        mul  cl
        add  bx, ax
        add  bx, 0x80
        cmp  bh, 0x3F
        jbe  .fits
        mov  bh, 0x3F
.fits:  mov  dh, bh
        mov  ch, bh
        mov  cl, bh
        pop  bx
        pop  ax
        ret

; Red DH, green CH, blue CL = the next DAC register. DL stays.
read_colour:
        push ax
        push bx
        mov  bl, dl
        mov  dx, port_dac_data
        in   al, dx
        mov  bh, al
        in   al, dx
        mov  ch, al
        in   al, dx
        mov  cl, al
        mov  dh, bh
        mov  dl, bl
        pop  bx
        pop  ax
        ret

; The DAC register written or read next is AL.
select_colour_write:
        push dx
        mov  dx, port_dac_write
        out  dx, al
        pop  dx
        ret
select_colour_read:
        push dx
        mov  dx, port_dac_read
        out  dx, al
        pop  dx
        ret

; ---- 0Bh: BH = 0: BL = border and background, bit 4: bright colours; ---------
;      BH = 1: BL bit 0 = cyan magenta white (1) or green red brown (0)
set_cga_palette:
        cmp  bh, 1
        ja   .done
        mov  al, [bda_palette]
        je   .set
        and  al, 0xE0
        and  bl, 0x1F
        or   al, bl
        mov  [bda_palette], al
        mov  bh, bl
        and  bh, 0x0F
        test bh, 8
        jz   .border
        add  bh, 8                      ; bright is bit 4
.border:
        mov  bl, 0x11
        call write_attribute
        call find_class
        cmp  si, class_cga4
        je   .background
        cmp  si, class_cga2
        jne  .done
.background:
        mov  bl, 0
        call write_attribute
        jmp  .colours
.set:   and  al, 0xDF
        test bl, 1
        jz   .note
        or   al, 0x20
.note:  mov  [bda_palette], al
.colours:
        call find_class
        cmp  si, class_cga4
        jne  .keep
        mov  al, [bda_palette]
        mov  bh, 2                      ; green, red, brown
        test al, 0x20
        jz   .bright
        inc  bh                         ; cyan, magenta, white
.bright:
        test al, 0x10
        jz   .three
        or   bh, 0x10
.three: mov  bl, 1
.next:  call write_attribute
        add  bh, 2
        inc  bl
        cmp  bl, 3
        jbe  .next
.keep:  jmp  note_palette
.done:  ret

; ---- 10h: palettes -----------------------------------------------------------
palette_service:
        mov  si, .functions
        jmp  sub_function

.functions:
%macro service 2
        db   %1
        dw   %2
%endmacro
        service 0x00, set_palette_register
        service 0x01, set_overscan
        service 0x02, set_all_palette
        service 0x03, set_blinking
        service 0x07, get_palette_register
        service 0x08, get_overscan
        service 0x09, get_all_palette
        service 0x10, set_colour
        service 0x12, set_colours
        service 0x13, set_colour_page
        service 0x15, get_colour
        service 0x17, get_colours
        service 0x18, set_colour_mask
        service 0x19, get_colour_mask
        service 0x1A, get_colour_page
        service 0x1B, sum_colours
        db   0xFF

set_palette_register:                   ; BL = register, BH = value
        cmp  bl, 0x14
        ja   .done
        call write_attribute
        jmp  note_palette
.done:  ret

set_overscan:                           ; BH = value
        mov  bl, 0x11
        call write_attribute
        jmp  note_palette

set_all_palette:                        ; ES:DX = 16 registers and overscan
        mov  si, dx
        mov  bl, 0
.next:  es   lodsb
        mov  bh, al
        call write_attribute
        inc  bl
        cmp  bl, 16
        jb   .next
        es   lodsb
        mov  bh, al
        jmp  set_overscan

set_blinking:                           ; BL = 1: attribute bit 7 blinks, 0: bright
        mov  ah, bl
        and  ah, 1
        mov  bl, 0x10
        call read_attribute
        and  al, 0xF7
        and  byte [bda_mode_select], 0xDF
        or   ah, ah
        jz   .bright
        or   al, 8
        or   byte [bda_mode_select], 0x20
.bright:
        mov  bh, al
        jmp  write_attribute

get_palette_register:                   ; BL = register; BH = value
        cmp  bl, 0x14
        ja   .done
        call read_attribute
        mov  [bp + frame_bh], al
.done:  ret

get_overscan:                           ; BH = value
        mov  bl, 0x11
        jmp  get_palette_register

get_all_palette:                        ; ES:DX = room for 17 bytes
        mov  di, dx
        mov  bl, 0
.next:  call read_attribute
        stosb
        inc  bl
        cmp  bl, 16
        jb   .next
        inc  bl
        call read_attribute
        stosb
        ret

set_colour:                             ; BX = register, DH CH CL = red green blue
        mov  al, bl
        call select_colour_write
        jmp  write_colour

set_colours:                            ; BX = first, CX = count, ES:DX = triples
        mov  al, bl
        call select_colour_write
        mov  si, dx
        jcxz .done
.next:  push cx
        es   lodsb
        mov  dh, al
        es   lodsb
        mov  ch, al
        es   lodsb
        mov  cl, al
        call write_colour
        pop  cx
        loop .next
.done:  ret

set_colour_page:                        ; BL = 0: BH = 4 pages of 64 (0), 16 of 16 (1)
        cmp  bl, 1                      ; BL = 1: BH = page
        ja   .done
        mov  dx, bx
        mov  bl, 0x10
        call read_attribute
        mov  bh, al
        or   dl, dl
        jnz  .page
        and  bh, 0x7F
        shr  dh, 1
        jnc  .write
        or   bh, 0x80
.write: jmp  write_attribute
.page:  test bh, 0x80
        mov  bh, dh
        jnz  .sixteen
        shl  bh, 1
        shl  bh, 1
.sixteen:
        and  bh, 0x0F
        mov  bl, 0x14
        jmp  write_attribute
.done:  ret

get_colour:                             ; BX = register; DH CH CL = red green blue
        mov  al, bl
        call select_colour_read
        call read_colour
        mov  [bp + frame_dh], dh
        mov  [bp + frame_cx], cx
        ret

get_colours:                            ; BX = first, CX = count, ES:DX = room
        mov  al, bl
        call select_colour_read
        mov  di, dx
        jcxz .done
.next:  push cx
        call read_colour
        mov  al, dh
        stosb
        mov  al, ch
        stosb
        mov  al, cl
        stosb
        pop  cx
        loop .next
.done:  ret

set_colour_mask:                        ; BL = mask
        mov  dx, port_dac_mask
        mov  al, bl
        out  dx, al
        ret

get_colour_mask:                        ; BL = mask
        mov  dx, port_dac_mask
        in   al, dx
        mov  [bp + frame_bl], al
        ret

get_colour_page:                        ; BL = 4 pages (0) or 16 (1), BH = page
        mov  bl, 0x10
        call read_attribute
        mov  ah, al
        mov  bl, 0x14
        call read_attribute
        and  al, 0x0F
        shl  ah, 1
        mov  ah, 0
        adc  ah, 0
        jnz  .sixteen
        shr  al, 1
        shr  al, 1
.sixteen:
        xchg al, ah
        mov  [bp + frame_bx], ax
        ret

sum_colours:                            ; BX = first, CX = count
        jcxz .done
.next:  push cx
        mov  al, bl
        call select_colour_read
        call read_colour
        call sum_to_grey
        mov  al, bl
        call select_colour_write
        call write_colour
        inc  bl
        pop  cx
        loop .next
.done:  ret

; ---- a program's copy ---------------------------------------------------------
; A program may have left room in the save table for a copy of the palette, which
; other programs then find: sixteen registers and overscan.
note_palette:
        push es
        les  di, [bda_save_pointer]
        mov  ax, [es:di + 4]
        or   ax, [es:di + 6]
        jz   .done
        les  di, [es:di + 4]
        mov  dx, di
        call get_all_palette
.done:  pop  es
        ret
