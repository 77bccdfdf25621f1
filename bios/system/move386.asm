; 386 and later: the block move of INT 15h AH=87h; protected mode is left as it was entered.
        cpu 386

; Moves CX words, ES:SI = the table of move.asm. Interrupts are off.
move_386:
        push ds
        push es
        lgdt [es:si + 0x08]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 0x20:.protected
.protected:
        mov ax, 0x10
        mov ds, ax
        mov ax, 0x18
        mov es, ax
        xor si, si
        xor di, di
        shr cx, 1
        rep movsd
        adc cx, cx
        rep movsw
        mov ax, 0x28                    ; segments as real mode has them
        mov ds, ax
        mov es, ax
        mov eax, cr0
        and al, 0xfe
        mov cr0, eax
        jmp 0xf000:.real
.real:
        pop es
        pop ds
        ret

        cpu 8086
