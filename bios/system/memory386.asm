; 386 and later: INT 15h AX=E801h, E881h and E820h.
        cpu 386

smap            equ 0x534d4150

int15_memory_386:
        cmp al, 0x20
        je .map
        cmp al, 0x01
        je .pair
        cmp al, 0x81
        jne int15.slow
        xor eax, eax
        xor ebx, ebx
        call .get
        mov ecx, eax
        mov edx, ebx
        jmp .good
.pair:
        call .get
        mov cx, ax
        mov dx, bx
.good:
        push bp
        mov bp, sp
        and byte [bp + 6], ~carry_flag
        pop bp
        iret
.get:
        push ds
        push cx
        call memory_pair
        pop cx
        pop ds
        ret

; EBX = which entry, EDX = 'SMAP', ECX = room at ES:DI (at least 20): EAX = 'SMAP', ECX = 20, EBX = the next or 0.
.map:
        cmp edx, smap
        jne .refuse
        cmp ecx, 20
        jb .refuse
        cmp ebx, 5
        ja .refuse
        push ds
        push esi
        push bp
        mov bp, bx
        shl bp, 1
        call [cs:bp + .entries]         ; EAX = start, ECX = length, SI = type, EDX = high half of the start
        mov [es:di], eax
        mov [es:di + 4], edx
        mov dword [es:di + 12], 0
        mov [es:di + 8], ecx
        movzx esi, si
        mov [es:di + 16], esi
        cmp bx, 5
        jne .low
        call .above_4g
        mov [es:di + 8], ecx
        mov [es:di + 12], edx
.low:
        inc ebx
        cmp ebx, 5
        jb .more
        ja .last
        call .above_4g
        or ecx, edx
        jnz .more
.last:
        xor ebx, ebx
.more:
        pop bp
        pop esi
        pop ds
        mov eax, smap
        mov edx, eax
        mov ecx, 20
        jmp .good
.refuse:
        mov ah, 0x86
        push bp
        mov bp, sp
        or byte [bp + 6], carry_flag
        pop bp
        iret
.entries:
        dw .base, .ebda, .rom, .extended, .rom_high, .high

.base:
        call .base_bytes
        mov ecx, eax
        xor eax, eax
        mov si, 1
        jmp .at_low
.ebda:
        call .base_bytes
        mov ecx, 0xa0000
        sub ecx, eax
        mov si, 2
        jmp .at_low
.rom:
        mov eax, 0xf0000
        mov ecx, 0x10000
        mov si, 2
        jmp .at_low
.extended:
        push bx
        call memory_pair
        movzx ecx, bx
        shl ecx, 16
        movzx eax, ax
        shl eax, 10
        add ecx, eax
        pop bx
        mov eax, 0x100000
        mov si, 1
        jmp .at_low
.rom_high:
        mov eax, 0xffff0000
        mov ecx, 0x10000
        mov si, 2
        jmp .at_low
.high:
        xor eax, eax
        xor ecx, ecx
        mov edx, 1
        mov si, 1
        ret
.at_low:
        xor edx, edx
        ret
.base_bytes:
        mov ds, [cs:bda_segment]
        movzx eax, word [bda.memory_kb]
        shl eax, 10
        ret
; EDX:ECX = bytes above 4 GiB.
.above_4g:
        push eax
        mov al, cmos_above4g + 2
        call cmos_read
        movzx edx, al
        mov al, cmos_above4g
        call cmos_read_word
        movzx ecx, ax
        shl ecx, 16
        pop eax
        ret

        cpu 8086
