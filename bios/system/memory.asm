; How much memory there is: CMOS says it, a few probes confirm it.

; Base memory into bda.memory_kb. A word in each 64 KiB must hold what is written to it.
init_memory:
        mov al, cmos_base_low
        call cmos_read_word
        cmp ax, 64
        jb .odd
        cmp ax, 640
        jbe .told
.odd:
        mov ax, 640
.told:
        mov dx, ax                      ; KiB told
        xor bx, bx                      ; KiB found
        xor cx, cx                      ; segment
.probe:
        mov ds, cx
        mov ax, [0xfffe - 0xf000]
        mov word [0xfffe - 0xf000], 0x55aa
        cmp word [0xfffe - 0xf000], 0x55aa
        jne .end
        mov word [0xfffe - 0xf000], 0xaa55
        cmp word [0xfffe - 0xf000], 0xaa55
        jne .end
        mov [0xfffe - 0xf000], ax
        add bx, 64
        add ch, 0x10
        cmp bx, dx
        jb .probe
.end:
        cmp bx, dx
        jbe .found
        mov bx, dx
.found:
        mov ds, [cs:bda_segment]
        mov [bda.memory_kb], bx
        ret

; AX = KiB from 1 MiB on, as far as a word can tell; 0 on an 8086. A 286 reaches 16 MiB, and the ROM stands at their end.
extended_kb:
        push ds
        push bx
        ds_ebda
        mov bl, [ebda.cpu]
        xor ax, ax
        cmp bl, cpu_286
        jb .done
        mov al, cmos_extended2_low
        call cmos_read_word
        test ax, ax
        jnz .told
        mov al, cmos_extended_low
        call cmos_read_word
.told:
        cmp bl, cpu_286
        jne .done
        cmp ax, 15 * 1024 - 128
        jbe .done
        mov ax, 15 * 1024 - 128
.done:
        pop bx
        pop ds
        ret

; AX = blocks of 64 KiB above 16 MiB; 0 before the 386.
blocks_above_16m:
        push ds
        ds_ebda
        cmp byte [ebda.cpu], cpu_386
        pop ds
        mov ax, 0
        jb .done
        mov al, cmos_above16m_low
        call cmos_read_word
.done:
        ret
