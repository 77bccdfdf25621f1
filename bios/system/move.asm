; INT 15h AH=87h, the block move, and AH=89h, into protected mode: what both processors' ways share.
;
; The caller's table at ES:SI: 00 empty, 08 the table itself, 10 source, 18 destination, 20 and 28 the BIOS's code and
; stack, filled in here. Limits and rights of source and destination are set here too, so that no move can fault.

int15_move:
        ds_ebda
        cmp byte [ebda.cpu], cpu_286
        jae .possible
        mov ds, [cs:bda_segment]
        jmp int15_unknown
.possible:
        mov si, [caller_si]
        test cx, cx
        jz move_finished
        cmp cx, 0x8000
        ja move_too_long
        call a20_state
        mov al, 0
        jz .a20_noted
        inc ax
.a20_noted:
        mov [ebda.gate_was], al
        cli
        call a20_on
        mov dx, es                      ; 08: this table
        mov cx, 4
        rol dx, cl
        mov ax, dx
        and dl, 0x0f
        and ax, 0xfff0
        add ax, si
        adc dl, 0
        mov word [es:si + 0x08], 0x2f
        mov [es:si + 0x0a], ax
        mov [es:si + 0x0c], dl
        mov byte [es:si + 0x0d], 0x93
        mov word [es:si + 0x0e], 0
        mov ax, 0xffff                  ; source, destination: writable data
        mov [es:si + 0x10], ax
        mov [es:si + 0x18], ax
        mov byte [es:si + 0x15], 0x93
        mov byte [es:si + 0x1d], 0x93
        mov byte [es:si + 0x16], 0
        mov byte [es:si + 0x1e], 0
        mov [es:si + 0x20], ax          ; 20: F0000, code
        mov word [es:si + 0x22], 0
        mov byte [es:si + 0x24], 0x0f
        mov byte [es:si + 0x25], 0x9b
        mov word [es:si + 0x26], 0
        mov [es:si + 0x28], ax          ; 28: the stack
        mov dx, ss
        rol dx, cl
        mov ax, dx
        and dl, 0x0f
        and ax, 0xfff0
        mov [es:si + 0x2a], ax
        mov [es:si + 0x2c], dl
        mov byte [es:si + 0x2d], 0x93
        mov word [es:si + 0x2e], 0
        mov cx, [caller_cx]
        cmp byte [ebda.cpu], cpu_386
        jae .with_386
        jmp move_286
.with_386:
        call move_386
move_done:
        ds_ebda
        cmp byte [ebda.gate_was], 0
        jne move_finished
        call a20_off
move_finished:
        mov byte [caller_ah], 0
        ret
move_too_long:
        mov byte [caller_ah], 0x02
        or byte [caller_flags], carry_flag
        ret

; AH=89h: BH, BL = first vectors of the two interrupt controllers; ES:SI = a table of eight: 00 empty, 08 the table, 10
; the interrupt table, 18 DS, 20 ES, 28 SS, 30 CS for the caller, 38 for the BIOS. Returns in protected mode.
int15_protected_mode:
        ds_ebda
        cmp byte [ebda.cpu], cpu_286
        jae .possible
        mov ds, [cs:bda_segment]
        jmp int15_unknown
.possible:
        mov si, [caller_si]
        cli
        call a20_on
        call a20_state
        jnz .gate_open
        mov byte [caller_ah], 0xff
        or byte [caller_flags], carry_flag
        ret
.gate_open:
        mov word [es:si + 0x38], 0xffff
        mov word [es:si + 0x3a], 0
        mov byte [es:si + 0x3c], 0x0f
        mov byte [es:si + 0x3d], 0x9b
        mov word [es:si + 0x3e], 0
        mov bx, [caller_bx]
        mov al, 0x11                    ; both controllers anew, everything masked
        out port_pic1, al
        io_delay
        out port_pic2, al
        io_delay
        mov al, bh
        out port_pic1_mask, al
        io_delay
        mov al, bl
        out port_pic2_mask, al
        io_delay
        mov al, 0x04
        out port_pic1_mask, al
        io_delay
        mov al, 0x02
        out port_pic2_mask, al
        io_delay
        mov al, 0x01
        out port_pic1_mask, al
        io_delay
        out port_pic2_mask, al
        io_delay
        mov al, 0xff
        out port_pic1_mask, al
        io_delay
        out port_pic2_mask, al
        jmp enter_protected_mode_286
