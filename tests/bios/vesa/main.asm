; A boot sector that sets 640x480 in 256 colours by its linear address, goes into protected mode, and there draws two pixels, one linear
; and one through the window, and calls the code that function 4F0Ah gives. Says P on the debug port at the end, ! if the BIOS refused.

        cpu 386
        bits 16
        org 0x7c00

information     equ 0x8000
interface       equ 0x9000
linear          equ information + 40

        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        cld
        mov ax, 0x4f01
        mov cx, 0x0101
        mov di, information
        int 0x10
        cmp ax, 0x004f
        jne refused
        mov ax, 0x4f02
        mov bx, 0x4101
        int 0x10
        cmp ax, 0x004f
        jne refused
        mov ax, 0x4f0a
        xor bx, bx
        int 0x10
        cmp ax, 0x004f
        jne refused
        push es
        pop ds
        mov si, di
        xor ax, ax
        mov es, ax
        mov di, interface
        rep movsb
        mov ds, ax
        cli
        lgdt [gdtr]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp 8:protected
refused:
        mov al, '!'
        out 0xe9, al
        hlt

        bits 32
protected:
        mov ax, 16
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov esp, 0x7c00
        mov ebx, [linear]
        mov byte [ebx + 100 * 640 + 100], 1
        ; the window shows the third 64 KiB: line 204, pixel 517
        movzx eax, word [interface]
        add eax, interface
        xor ebx, ebx
        mov edx, 2
        call eax
        mov byte [0xa0005], 2
        ; the picture begins at pixel 8 of line 100, from a retrace on
        movzx eax, word [interface + 2]
        add eax, interface
        mov ebx, 0x80
        mov ecx, (100 * 640 + 8) / 4
        xor edx, edx
        call eax
        ; colours 1 and 2
        movzx eax, word [interface + 4]
        add eax, interface
        xor ebx, ebx
        mov ecx, 2
        mov edx, 1
        mov edi, colours
        call eax
        mov al, 'P'
        out 0xe9, al
.done:  hlt
        jmp .done

colours:
        db 0x00, 0x00, 0x3f, 0, 0x3f, 0x00, 0x00, 0     ; red, blue
        align 8
gdt:    dq 0
        dq 0x00cf9a000000ffff
        dq 0x00cf92000000ffff
gdtr:   dw gdtr - gdt - 1
        dd gdt

        times 510 - ($ - $$) db 0
        dw 0xaa55
