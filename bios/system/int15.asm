; INT 15h: system services. What is not here answers AH=86h and carry.

int15:
        cmp ah, 0x4f                    ; the three that come with every key and every wait
        je .keyboard_intercept
        cmp ah, 0x90
        je .device
        cmp ah, 0x91
        je .device
        cmp ah, 0xe8
        je .memory
.slow:
        service_entry
        and byte [caller_flags], ~carry_flag
        mov si, .functions
.look:
        cmp ah, [cs:si]
        je .found
        add si, 3
        cmp si, .functions_end
        jb .look
        call int15_unknown
        jmp .exit
.found:
        call [cs:si + 1]
.exit:
        service_exit
.keyboard_intercept:                    ; the code stays as it is
        push bp
        mov bp, sp
        or byte [bp + 6], carry_flag
        pop bp
        iret
.device:
        mov ah, 0
        push bp
        mov bp, sp
        and byte [bp + 6], ~carry_flag
        pop bp
        iret
.memory:
        push ds
        ds_ebda
        cmp byte [ebda.cpu], cpu_386
        pop ds
        jb .slow
        jmp int15_memory_386

.functions:
        db 0x24
        dw int15_a20
        db 0x53
        dw int15_apm
        db 0x80
        dw int15_nothing                ; device open,
        db 0x81
        dw int15_nothing                ; close,
        db 0x82
        dw int15_nothing                ; program end: for multitaskers to hook
        db 0x83
        dw set_event_wait
        db 0x84
        dw int15_joystick
        db 0x85
        dw int15_nothing                ; SysRq
        db 0x86
        dw wait_microseconds
        db 0x87
        dw int15_move
        db 0x88
        dw int15_extended_memory
        db 0x89
        dw int15_protected_mode
        db 0xc0
        dw int15_configuration
        db 0xc1
        dw int15_ebda
        db 0xc2
        dw int15_mouse
        db 0xe8
        dw int15_memory_286
.functions_end:

; Each: DS = 40h, BP = the caller's registers, carry already clear there.

int15_nothing:
        mov byte [caller_ah], 0
        ret

int15_unknown:
        mov byte [caller_ah], 0x86
        or byte [caller_flags], carry_flag
        ret

; AH=24h: A20. AL=0 off, 1 on, 2 state to AL, 3 what can switch it: 8042 and port 92h.
int15_a20:
        cmp al, 3
        ja int15_unknown
        je .support
        cmp al, 1
        ja .state
        je .on
        call a20_off
        jmp int15_nothing
.on:
        call a20_on
        jmp int15_nothing
.state:
        call a20_state
        mov al, 0
        jz .told
        inc ax
.told:
        mov [caller_al], al
        jmp int15_nothing
.support:
        mov word [caller_bx], 0x0003
        jmp int15_nothing

; AH=84h: DX=0: switches to AL bits 4-7; DX=1: positions to AX, BX, CX, DX.
int15_joystick:
        call game_port_there
        jc int15_unknown
        mov dx, port_game
        cmp word [caller_dx], 1
        ja int15_unknown
        je .positions
        in al, dx
        and al, 0xf0
        mov ah, 0
        mov [caller_ax], ax
        ret
.positions:
        cli
        xor bx, bx                      ; per axis: how long its one-shot ran
        mov [caller_ax], bx
        mov [caller_bx], bx
        mov [caller_cx], bx
        mov [caller_dx], bx
        out dx, al
        mov cx, 0x1000
.sample:
        in al, dx
        and al, 0x0f
        jz .ended
        inc bx
        shr al, 1
        jnc .no_ax
        mov [caller_ax], bx
.no_ax:
        shr al, 1
        jnc .no_bx
        mov [caller_bx], bx
.no_bx:
        shr al, 1
        jnc .no_cx
        mov [caller_cx], bx
.no_cx:
        shr al, 1
        jnc .no_dx
        mov [caller_dx], bx
.no_dx:
        loop .sample
.ended:
        sti
        ret

; Carry: there is no game port. One reads FFh from an empty bus, and its four axes fall some time after a write.
game_port_there:
        push cx
        push dx
        mov dx, port_game
        out dx, al
        mov cx, 300
.again:
        in al, dx
        and al, 0x0f
        cmp al, 0x0f
        jne .there
        push cx
        mov cx, 1
        call refresh_wait
        pop cx
        loop .again
        stc
        jmp .done
.there:
        clc
.done:
        pop dx
        pop cx
        ret

; Equipment bit 12.
find_game_port:
        mov ds, [cs:bda_segment]
        mov dx, port_game
        in al, dx
        cmp al, 0xff
        je .none
        call game_port_there
        jc .none
        or byte [bda.equipment + 1], 0x10
.none:
        ret

; AH=88h: KiB from 1 MiB on.
int15_extended_memory:
        ds_ebda
        cmp byte [ebda.cpu], cpu_286
        jb int15_unknown
        call extended_kb
        mov [caller_ax], ax
        ret

; AH=E8h before the 386: E801 alone.
int15_memory_286:
        cmp al, 0x01
        jne .unknown
        ds_ebda
        cmp byte [ebda.cpu], cpu_286
        jb .unknown
        call memory_pair
        mov [caller_ax], ax
        mov [caller_cx], ax
        mov [caller_bx], bx
        mov [caller_dx], bx
        ret
.unknown:
        jmp int15_unknown

; AX = KiB between 1 and 16 MiB, BX = blocks of 64 KiB above.
memory_pair:
        call blocks_above_16m
        mov bx, ax
        call extended_kb
        test bx, bx
        jnz .limit
        sub ax, 15 * 1024               ; only the one number: what exceeds 15 MiB is above
        jbe .small
        mov cl, 6
        shr ax, cl
        mov bx, ax
        mov ax, 15 * 1024
        ret
.small:
        add ax, 15 * 1024
        ret
.limit:
        mov ax, 15 * 1024
        ret

; AH=C0h: ES:BX = the table at F000:E6F5.
int15_configuration:
        mov word [caller_bx], configuration
        mov [caller_es], cs
        jmp int15_nothing

; AH=C1h: ES = the extended data area.
int15_ebda:
        mov ax, [bda.ebda]
        mov [caller_es], ax
        ret
