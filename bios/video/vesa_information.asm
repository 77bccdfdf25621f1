; VESA functions 00h and 01h: what the adapter and its modes are.

; ---- 00h: ES:DI = 512 bytes if they begin with VBE2, else 256 ------------------
vesa_information:
        mov  cx, 128
        cmp  word [es:di], 'VB'
        jne  .clear
        cmp  word [es:di + 2], 'E2'
        jne  .clear
        mov  cx, 256
.clear: push di
        xor  ax, ax
        rep  stosw
        pop  di
        mov  word [es:di], 'VE'
        mov  word [es:di + 2], 'SA'
        mov  word [es:di + 4], 0x0300
        mov  word [es:di + 6], vesa_maker
        mov  [es:di + 8], cs
        mov  byte [es:di + 10], 1       ; the DAC can have 8 bits
        mov  word [es:di + 14], vesa_mode_numbers
        mov  [es:di + 16], cs
        mov  al, dispi_memory
        call read_dispi
        mov  [es:di + 18], ax
        mov  word [es:di + 20], 0x0100  ; revision of what follows
        mov  word [es:di + 22], vesa_maker
        mov  [es:di + 24], cs
        mov  word [es:di + 26], vesa_product
        mov  [es:di + 28], cs
        mov  word [es:di + 30], vesa_revision
        mov  [es:di + 32], cs
        clc
        ret

vesa_maker:    db "Retrace", 0
vesa_product:  db "Retrace display adapter", 0
vesa_revision: db "1.0", 0

; ---- 01h: ES:DI = 256 bytes about mode CX --------------------------------------
vesa_mode_information:
        mov  ax, cx
        and  ah, 0x01
        call find_vesa_mode
        jc   .done
        push di
        xor  ax, ax
        mov  cx, 128
        rep  stosw
        pop  di
        call frame_buffer_address
        mov  [es:di + 40], ax
        mov  [es:di + 42], dx
        or   ax, dx
        mov  ax, 0x001B                 ; supported, described, colours, graphics; also by windows
        jz   .attributes
        or   al, 0x80                   ; linear
.attributes:
        mov  [es:di], ax
        mov  byte [es:di + 2], 0x07     ; window A: moves, readable, writable
        mov  word [es:di + 4], 64       ; by so many KiB
        mov  word [es:di + 6], 64
        mov  word [es:di + 8], 0xA000
        mov  word [es:di + 12], vesa_window_far
        mov  [es:di + 14], cs
        mov  ax, [cs:si + vesa_mode_width]
        mov  [es:di + 18], ax
        mov  bx, [cs:si + vesa_mode_height]
        mov  [es:di + 20], bx
        mov  word [es:di + 22], 0x1008  ; a character is 8 x 16
        mov  byte [es:di + 24], 1       ; planes
        mov  cl, [cs:si + vesa_mode_depth]
        mov  [es:di + 25], cl
        mov  byte [es:di + 26], 1       ; banks
        mov  byte [es:di + 30], 1
        xchg ax, cx
        mov  ah, 0
        push ax
        call pixel_bytes
        mul  cx
        mov  [es:di + 16], ax           ; bytes of a line
        mov  [es:di + 50], ax
        mul  bx                         ; of a picture, in units of 64 KiB
        cmp  ax, 1
        cmc
        adc  dx, 0
        mov  cx, dx
        mov  al, dispi_memory
        call read_dispi
        xor  dx, dx
        div  cx
        dec  ax
        cmp  ax, 255
        jbe  .pages
        mov  al, 255
.pages: mov  [es:di + 29], al
        mov  [es:di + 52], al
        mov  [es:di + 53], al
        mov  word [es:di + 62], 0xE680  ; 230 MHz at most
        mov  word [es:di + 64], 0x0DB5
        pop  ax
        mov  byte [es:di + 27], 4       ; packed pixels
        cmp  al, 8
        je   .done                      ; and no carry
        mov  byte [es:di + 27], 6       ; direct colour
        mov  byte [es:di + 39], 2       ; the bits that are left over may be used
        mov  si, vesa_fields_15
        cmp  al, 15
        je   .fields
        mov  si, vesa_fields_16
        cmp  al, 16
        je   .fields
        mov  si, vesa_fields_24
        cmp  al, 24
        je   .fields
        mov  si, vesa_fields_32
.fields:
        push ds
        push cs
        pop  ds
        push si
        push di
        add  di, 31
        mov  cx, 4
        rep  movsw
        pop  di
        pop  si
        add  di, 54
        mov  cx, 4
        rep  movsw
        pop  ds
        clc
.done:  ret

; Size and lowest bit of red, green, blue and what is left over.
vesa_fields_15: db 5, 10, 5, 5, 5, 0, 1, 15
vesa_fields_16: db 5, 11, 6, 5, 5, 0, 0, 0
vesa_fields_24: db 8, 16, 8, 8, 8, 0, 0, 0
vesa_fields_32: db 8, 16, 8, 8, 8, 0, 8, 24
