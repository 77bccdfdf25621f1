; Saving and restoring the adapter: function 1Ch. CX = what: bit 0 the hardware, bit 1
; the BIOS data, bit 2 the DAC. What is asked for lies one after the other in this order.
;
;   hardware  80h: sequencer 0-4, misc, CRTC 0-18h, attributes 0-14h, graphics 0-8,
;             the four index registers, and where the CRTC is
;   data      449h-466h, 484h-48Ah, 4A8h-4ABh, equipment, INT 05h, 1Fh, 43h
;   DAC       mask, 256 * 3

state_hardware equ 2                    ; in units of 64 bytes
state_data     equ 1
state_dac      equ 13

save_restore:
        cmp  al, 2
        ja   nothing_else
        mov  si, .functions
        mov  byte [bp + frame_al], 0x1C
        and  cx, 7
        jmp  sub_function

.functions:
        service 0, state_size
        service 1, save_state
        service 2, restore_state
        db   0xFF

state_size:                             ; BX = units of 64 bytes
        xor  ax, ax
        test cl, 1
        jz   .data
        add  ax, state_hardware
.data:  test cl, 2
        jz   .dac
        add  ax, state_data
.dac:   test cl, 4
        jz   .done
        add  ax, state_dac
.done:  mov  [bp + frame_bx], ax
        ret

; What is asked for in CL one after the other, in BX a table of three routines. The
; part at ES:DI is state_* long.
for_each_part:
        test cl, 1
        jz   .data
        push di
        push cx
        push bx
        call [cs:bx]
        pop  bx
        pop  cx
        pop  di
        add  di, state_hardware * 64
.data:  test cl, 2
        jz   .dac
        push di
        push cx
        push bx
        call [cs:bx + 2]
        pop  bx
        pop  cx
        pop  di
        add  di, state_data * 64
.dac:   test cl, 4
        jz   .done
        call [cs:bx + 4]
.done:  ret

save_state:                             ; ES:BX
        mov  di, bx
        mov  bx, .parts
        jmp  for_each_part
.parts: dw   save_hardware, save_data, save_dac

restore_state:                          ; ES:BX
        mov  di, bx
        mov  bx, .parts
        jmp  for_each_part
.parts: dw   restore_hardware, restore_data, restore_dac

; ---- hardware ----------------------------------------------------------------
save_hardware:
        mov  dx, port_sequencer         ; indices first: the rest moves them
        in   al, dx
        stosb
        mov  dx, [bda_crtc]
        in   al, dx
        stosb
        mov  dx, port_graphics
        in   al, dx
        stosb
        mov  ax, [bda_crtc]
        stosw
        mov  dx, 0x3CC
        in   al, dx
        stosb
        mov  dx, port_sequencer
        mov  cx, 5
        call .indexed
        mov  dx, [bda_crtc]
        mov  cx, 25
        call .indexed
        mov  dx, port_graphics
        mov  cx, 9
        call .indexed
        mov  bl, 0
.next:  call read_attribute
        stosb
        inc  bl
        cmp  bl, 0x14
        jbe  .next
        ret

.indexed:                               ; CX registers at DX
        mov  ah, 0
.one:   mov  al, ah
        call read_indexed
        stosb
        inc  ah
        loop .one
        ret

restore_hardware:
        mov  bx, di
        lea  si, [bx + 6]
        set_register port_sequencer, 0, 1
        inc  si
        mov  cx, 4
        mov  ah, 1
        call .indexed
        mov  al, [es:bx + 5]
        mov  dx, port_misc
        out  dx, al
        set_register port_sequencer, 0, 3
        mov  dx, [es:bx + 3]
        mov  ax, 0x0011
        out  dx, ax
        mov  cx, 25
        mov  ah, 0
        call .indexed
        mov  dx, port_graphics
        mov  cx, 9
        mov  ah, 0
        call .indexed
        mov  dx, [es:bx + 3]
        push dx
        add  dl, status_from_crtc
        in   al, dx
        mov  dx, port_attribute
        mov  ah, 0
.next:  mov  al, ah
        out  dx, al
        es   lodsb
        out  dx, al
        inc  ah
        cmp  ah, 0x14
        jbe  .next
        mov  al, 0x20
        out  dx, al
        mov  al, [es:bx]
        mov  dx, port_sequencer
        out  dx, al
        mov  al, [es:bx + 2]
        mov  dx, port_graphics
        out  dx, al
        pop  dx
        mov  al, [es:bx + 1]
        out  dx, al
        ret

.indexed:                               ; CX registers at DX from AH on
        es   lodsb
        xchg al, ah
        out  dx, ax
        xchg al, ah
        inc  ah
        loop .indexed
        ret

; ---- BIOS data ---------------------------------------------------------------
state_ranges:                           ; first, length
        dw   bda_mode, 30
        dw   bda_rows, 7
        dw   bda_save_pointer, 4
        dw   bda_equipment, 2
        dw   vector(0x05), 4
        dw   vector(0x1F), 4
        dw   vector(0x43), 4
        dw   0

save_data:
        mov  bx, state_ranges
.next:  mov  si, [cs:bx]
        or   si, si
        jz   .done
        mov  cx, [cs:bx + 2]
        rep  movsb
        add  bx, 4
        jmp  .next
.done:  ret

restore_data:
        mov  si, di
        mov  bx, state_ranges
        push es
        push ds
        push es
        pop  ds
        pop  es                         ; from the caller's segment into segment 0
.next:  mov  di, [cs:bx]
        or   di, di
        jz   .done
        mov  cx, [cs:bx + 2]
        rep  movsb
        add  bx, 4
        jmp  .next
.done:  push es
        pop  ds
        pop  es
        ret

; ---- DAC ---------------------------------------------------------------------
save_dac:
        mov  dx, port_dac_mask
        in   al, dx
        stosb
        mov  al, 0
        mov  dx, port_dac_read
        out  dx, al
        mov  dx, port_dac_data
        mov  cx, 768
.next:  in   al, dx
        stosb
        loop .next
        ret

restore_dac:
        mov  si, di
        mov  dx, port_dac_mask
        es   lodsb
        out  dx, al
        mov  al, 0
        mov  dx, port_dac_write
        out  dx, al
        mov  dx, port_dac_data
        mov  cx, 768
.next:  es   lodsb
        out  dx, al
        loop .next
        ret
