; 286 and later: protected mode for INT 15h AH=87h and 89h. A 286 cannot leave it but by a reset: the shutdown code 09h
; in CMOS brings POST to move_286_back.
        cpu 286

; Moves CX words, ES:SI = the table of move.asm, DS = the extended data area.
move_286:
        mov [ebda.move_sp], sp
        mov [ebda.move_ss], ss
        mov ax, cmos_shutdown << 8 | 0x09
        call cmos_write
        lgdt [es:si + 0x08]
        smsw ax
        or al, 1
        lmsw ax
        jmp 0x20:.protected
.protected:
        mov ax, 0x10
        mov ds, ax
        mov ax, 0x18
        mov es, ax
        xor si, si
        xor di, di
        cld
        rep movsw
.reset:
        in al, port_keyboard
        test al, 0x02
        jnz .reset
        mov al, 0xfe
        out port_keyboard, al
.stop:
        hlt
        jmp .stop

; Back from the reset.
move_286_back:
        mov ds, [cs:bda_segment]
        mov ds, [bda.ebda]
        mov ss, [ebda.move_ss]
        mov sp, [ebda.move_sp]
        mov bp, sp
        add bp, 2                       ; int15 called, its frame lies above
        mov al, cmos_status_d           ; NMI again
        out port_cmos_index, al
        in al, port_cmos_data
        jmp move_done

; Ends INT 15h AH=89h: ES:SI = the table, BP = the caller's registers.
enter_protected_mode_286:
        lgdt [es:si + 0x08]
        lidt [es:si + 0x10]
        smsw ax
        or al, 1
        lmsw ax
        jmp 0x38:.protected
.protected:
        mov ax, 0x18
        mov ds, ax
        mov ax, 0x20
        mov es, ax
        mov ax, 0x28
        mov ss, ax
        mov sp, bp
        mov word [bp + 20], 0x30        ; returns to the caller's code
        mov byte [caller_ah], 0
        pop ax
        pop bx
        pop cx
        pop dx
        pop si
        pop di
        pop bp
        add sp, 4                       ; not DS and ES: those are new
        retf 2

        cpu 8086

%include "move386.asm"
