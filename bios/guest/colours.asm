; The second scene: mode 13h. Waves of sines are drawn once; then red, green and blue run
; through the colours as three waves that sway against each other, once a retrace. The
; first and the last colour stay black and white: the name and its shadow.

        absolute scene_variables
column_squares: resw 320            ; how far from the middle, squared
row_square:     resw 1
row_wave:       resb 1
row_bend:       resb 1
name_bits:      resb 7              ; dots of the name on this line, a byte a letter
shadow_bits:    resb 7
near_name:      resb 1              ; the line has something of either
levels:         resb 256            ; the sine squared, for the DAC: more dark than light
        section .text

name_top    equ 70                  ; the name: seven letters, five times as large
name_left   equ 20
name_scale  equ 5
name_shadow equ 4                   ; how far it falls, right and down

colours:
        mov  ax, 0x0013
        int  0x10
        mov  word [phase], 0
        xor  si, si
.level: mov  al, [sine + si]
        mul  al
        mov  al, ah
        shr  al, 1
        shr  al, 1
        mov  [levels + si], al
        inc  si
        cmp  si, 256
        jb   .level
        call open_frames
        call load_waves
        call square_columns
        mov  ax, 0xA000
        mov  es, ax
        xor  di, di
        xor  dx, dx                 ; line
.line:  call draw_line
        push dx
        call poll_key
        pop  dx
        jc   .leave
        inc  dx
        cmp  dx, 200
        jb   .line
.next:  inc  word [phase]
        call wait_frame
        call load_waves
        call poll_key
        jnc  .next
.leave: jmp  close_frames

; All colours. Red runs; green and blue follow, now closer, now further behind.
load_waves:
        mov  bx, sine
        mov  ax, [phase]
        mov  si, ax
        shl  si, 1
        xlatb
        shr  al, 1
        shr  al, 1
        add  ax, si
        add  al, 48 - 32
        mov  di, ax
        mov  ax, [phase]
        shr  ax, 1
        xlatb
        shr  al, 1
        shr  al, 1
        add  ax, si
        add  al, 104 - 32
        mov  bp, ax
        mov  dx, 0x3C8
        mov  al, 0
        out  dx, al
        inc  dx
        out  dx, al
        out  dx, al
        out  dx, al
        mov  bx, levels
        mov  cx, 1
.next:  mov  ax, si
        call .part
        mov  ax, di
        call .part
        mov  ax, bp
        call .part
        inc  cl
        cmp  cl, 255
        jb   .next
        mov  al, 63
        out  dx, al
        out  dx, al
        out  dx, al
        ret
.part:  add  al, cl
        xlatb
        out  dx, al
        ret

square_columns:
        mov  di, column_squares
        mov  bx, -160
.next:  mov  ax, bx
        imul bx
        mov  [di], ax
        add  di, 2
        inc  bx
        cmp  bx, 160
        jl   .next
        ret

; Line DX at ES:DI, which moves on. Keeps DX.
draw_line:
        push dx
        push di
        mov  ax, dx
        sub  ax, 100
        push dx
        imul ax
        pop  dx
        mov  [row_square], ax
        mov  bx, sine
        mov  al, dl
        xlatb
        shr  al, 1
        mov  [row_bend], al
        mov  al, dl
        shl  al, 1
        mov  [row_wave], al
        mov  ax, dx
        push dx
        mov  di, name_bits
        call read_name
        pop  ax
        mov  byte [near_name], 0
        cmp  ax, name_top
        jb   .far
        cmp  ax, name_top + 10 * name_scale + name_shadow
        adc  byte [near_name], 0
.far:   sub  ax, name_shadow
        mov  di, shadow_bits
        call read_name
        pop  di
        xor  si, si                 ; column
.pixel: mov  bx, sine
        mov  ax, si                 ; a wave across, bent by the line's own
        add  al, [row_bend]
        xlatb
        xor  ah, ah
        mov  dx, ax
        mov  ax, si                 ; a wave down, bent by the column's
        xlatb
        shr  al, 1
        add  al, [row_wave]
        xlatb
        xor  ah, ah
        add  dx, ax
        mov  bx, si                 ; rings around the middle
        shl  bx, 1
        mov  ax, [column_squares + bx]
        add  ax, [row_square]
        mov  cl, 6
        shr  ax, cl
        mov  bx, sine
        xlatb
        xor  ah, ah
        add  ax, dx
        shr  ax, 1
        cmp  al, 1                  ; 0 and 255 are not for waves
        adc  al, 0
        cmp  al, 255
        jne  .wave
        dec  ax
.wave:  test byte [near_name], 1
        jz   .put
        mov  cx, si
        mov  bp, name_bits
        call in_name
        jc   .name
        sub  cx, name_shadow
        mov  bp, shadow_bits
        call in_name
        jnc  .put
        mov  al, 0
        jmp  .put
.name:  mov  al, 255
.put:   stosb
        inc  si
        cmp  si, 320
        jb   .pixel
        pop  dx
        ret

; The dots of the name on line AX of the screen, a byte a letter, to DI. Keeps ES.
read_name:
        mov  cx, 7
        sub  ax, name_top
        jb   .none
        cmp  ax, 10 * name_scale
        jae  .none
        push es
        mov  bl, name_scale
        div  bl
        xor  ah, ah
        push ax
        mov  ax, 0x1130             ; the 8x16 font: ES:BP
        mov  bh, 6
        int  0x10
        pop  bx
        add  bx, bp
        add  bx, 2                  ; its capitals begin on line 2
        mov  bp, welcome_name
.letter:
        mov  al, [bp]
        mov  ah, 16
        mul  ah
        mov  si, ax
        mov  al, [es:bx + si]
        mov  [di], al
        inc  di
        inc  bp
        cmp  byte [bp], 0
        jne  .letter
        pop  es
        ret
.none:  mov  byte [di], 0
        inc  di
        loop .none
        ret

; CF: column CX is in a letter of the dots at BP. Keeps AX, CX, SI, DI.
in_name:
        push ax
        push cx
        mov  ax, cx
        sub  ax, name_left
        jb   .no
        cmp  ax, 56 * name_scale
        jae  .no
        mov  cl, name_scale
        div  cl                     ; AL = dot of 56
        mov  cl, al
        xor  ah, ah
        shr  ax, 1
        shr  ax, 1
        shr  ax, 1
        add  bp, ax
        mov  al, [bp]
        and  cl, 7
        inc  cx
        shl  al, cl                 ; the dot into CF
        pop  cx
        pop  ax
        ret
.no:    pop  cx
        pop  ax
        clc
        ret
