; The colours that a mode starts with.

; The DAC of the mode just set, whose parameters are at ES:SI: 256 colours in mode 13h,
; grey steps on mono, the CGA's sixteen where lines are doubled, else the EGA's 64.
; Keeps ES, SI.
load_default_colours:
        test byte [bda_vga_flags], vga_keep_palette
        jnz  .done
        mov  al, 0
        call select_colour_write
        mov  di, mono_colour
        cmp  byte [bda_mode], 0x13
        je   .many
        test byte [es:si + parameter_misc], 1
        jz   .sixty_four
        mov  di, cga_colour
        test byte [es:si + parameter_crtc + 9], 0x80
        jnz  .sixty_four
        mov  di, ega_colour
.sixty_four:
        mov  bl, 0
.next:  call di
        call write_colour
        inc  bl
        cmp  bl, 64
        jb   .next
.done:  ret
.many:  push si
        call load_256_colours
        pop  si
        ret

; DH, CH, CL = colour number BL. Spoils AX.

ega_colour:                             ; bits rgbRGB: 2/3 and 1/3 of each
        mov  al, bl
        call .step
        mov  cl, ah
        call .step
        mov  ch, ah
        call .step
        mov  dh, ah
        ret
.step:  mov  ah, 0
        test al, 1
        jz   .third
        mov  ah, 0x2A
.third: test al, 8
        jz   .next
        add  ah, 0x15
.next:  shr  al, 1
        ret

cga_colour:                             ; bits .I..RGB, and dark yellow is brown
        mov  al, bl
        and  al, 0x17
        cmp  al, 6
        je   .brown
        mov  ah, al
        and  al, 7
        test ah, 0x10
        jz   .dark
        or   al, 0x38
.dark:  push bx
        mov  bl, al
        call ega_colour
        pop  bx
        ret
.brown: mov  dh, 0x2A
        mov  cx, 0x1500
        ret

mono_colour:                            ; bits 3 and 4: nothing, one: normal, both: bright
        mov  al, 0
        test bl, 0x18
        jz   .done
        mov  al, 0x2A
        jpo  .done
        mov  al, 0x3F
.done:  mov  dh, al
        mov  ch, al
        mov  cl, al
        ret

; The 256 colours of mode 13h: the CGA's sixteen, sixteen greys, then nine rings of 24
; hues: three brightnesses, each in three saturations. The last eight are black.
load_256_colours:
        mov  bl, 0
.sixteen:
        push bx
        test bl, 8
        jz   .dark
        add  bl, 8
.dark:  call cga_colour
        call write_colour
        pop  bx
        inc  bl
        cmp  bl, 16
        jb   .sixteen
        mov  si, grey_steps
        mov  cx, 16
.grey:  push cx
        cs   lodsb
        mov  dh, al
        mov  ch, al
        mov  cl, al
        call write_colour
        pop  cx
        loop .grey
        mov  bx, ring_levels
.ring:  xor  si, si
.hue:   mov  al, [cs:hues + si]
        cs   xlatb
        mov  dh, al
        mov  al, [cs:hues + 16 + si]    ; green follows a third of the ring later
        cs   xlatb
        mov  ch, al
        mov  al, [cs:hues + 8 + si]     ; and blue another third
        cs   xlatb
        mov  cl, al
        call write_colour
        inc  si
        cmp  si, 24
        jb   .hue
        add  bx, 5
        cmp  bx, ring_levels_end
        jb   .ring
        xor  dx, dx
        mov  bl, 8
.black: xor  cx, cx
        call write_colour
        dec  bl
        jnz  .black
        ret

grey_steps:
        db   0x00, 0x05, 0x08, 0x0B, 0x0E, 0x11, 0x14, 0x18
        db   0x1C, 0x20, 0x24, 0x28, 0x2D, 0x32, 0x38, 0x3F

; How red is the ring, which starts at blue: up, full, down, none. Green and blue read
; it shifted, so the table goes on for two thirds.
hues:   db   0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0
        db   0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 1

; The five levels of each ring.
ring_levels:
        db   0x00, 0x10, 0x1F, 0x2F, 0x3F
        db   0x1F, 0x27, 0x2F, 0x37, 0x3F
        db   0x2D, 0x31, 0x36, 0x3A, 0x3F
        db   0x00, 0x07, 0x0E, 0x15, 0x1C
        db   0x0E, 0x11, 0x15, 0x18, 0x1C
        db   0x14, 0x16, 0x18, 0x1A, 0x1C
        db   0x00, 0x04, 0x08, 0x0C, 0x10
        db   0x08, 0x0A, 0x0C, 0x0E, 0x10
        db   0x0B, 0x0C, 0x0D, 0x0F, 0x10
ring_levels_end:
