; The registers of Bochs' display adapter: index at port 1CEh, data at 1CFh.

port_dispi          equ 0x1CE           ; index; data at 1CFh

dispi_id            equ 0
dispi_width         equ 1
dispi_height        equ 2
dispi_depth         equ 3
dispi_enable        equ 4
dispi_bank          equ 5
dispi_pitch         equ 6               ; in pixels
dispi_lines         equ 7               ; that memory has then
dispi_left          equ 8
dispi_top           equ 9
dispi_memory        equ 10              ; in units of 64 KiB

dispi_on            equ 0x01
dispi_8_bit_dac     equ 0x20
dispi_linear        equ 0x40
dispi_keep          equ 0x80

; Zero: the adapter is there. Changes flags.
dispi_present:
        push ax
        mov  al, dispi_id
        call read_dispi
        and  al, 0xF0
        cmp  ax, 0xB0C0
        pop  ax
        ret

; AX = register AL.
read_dispi:
        push dx
        xor  ah, ah
        mov  dx, port_dispi
        out  dx, ax
        inc  dx
        in   ax, dx
        pop  dx
        ret

; Register AL = BX. Changes AX.
write_dispi:
        push dx
        xor  ah, ah
        mov  dx, port_dispi
        out  dx, ax
        inc  dx
        mov  ax, bx
        out  dx, ax
        pop  dx
        ret

; The same, and carry if the adapter did not take it.
try_dispi:
        push ax
        call write_dispi
        pop  ax
        call read_dispi
        cmp  ax, bx
        je   .taken                     ; and no carry
        stc
.taken: ret

; Zero: no mode of the linear frame buffer is on the screen. Changes AX.
test_linear:
        mov  al, dispi_enable
        call read_dispi
        test al, dispi_on
        ret

; The screen is the VGA's again. Keeps all but flags.
leave_linear:
        push ax
        push bx
        call dispi_present
        jne  .done
        mov  al, dispi_enable
        xor  bx, bx
        call write_dispi
.done:  pop  bx
        pop  ax
        ret

; AX = bytes of a pixel of the current mode.
current_pixel_bytes:
        mov  al, dispi_depth
        call read_dispi
        ; fall through
; AX = bytes of a pixel of AX bits.
pixel_bytes:
        push cx
        add  ax, 7
        mov  cl, 3
        shr  ax, cl
        pop  cx
        ret
