; Memory types, as firmware leaves them (SDM volume 3, 11.11): everything is write-back but video, the ROMs (write-protected) and the
; uppermost GiB, where devices lie.
        cpu 686

mtrr_base       equ 0x200
mtrr_default    equ 0x2ff

init_memory_types:
        ds_ebda
        cmp byte [ebda.cpu], cpu_cpuid
        jb .done
        pushad
        mov eax, 1
        cpuid
        test dh, 1 << 4                 ; MTRR
        jz .none
        xor si, si
.fixed: mov cx, [cs:si + .registers]
        jcxz .variable
        movzx ecx, cx
        movzx eax, byte [cs:si + .registers + 2]
        imul eax, eax, 0x01010101
        mov edx, eax
        wrmsr
        add si, 3
        jmp short .fixed
.variable:
        mov ecx, mtrr_base
        mov eax, 0xc0000000             ; uncacheable
        xor edx, edx
        wrmsr
        inc cx
        mov ax, 0x0800                  ; valid, 1 GiB of 36 bits
        mov dl, 0x0f
        wrmsr
        mov ecx, mtrr_default
        mov eax, 0x0c06                 ; both kinds on, write-back
        xor edx, edx
        wrmsr
.none:
        popad
.done:
        ret
.registers:
        dw 0x250
        db 6
        dw 0x258
        db 6
        dw 0x259
        db 0
%assign at 0x268
%rep 8
        dw at
        db 5
%assign at at + 1
%endrep
        dw 0

        cpu 8086
