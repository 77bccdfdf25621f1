; The option ROM of direct boot: where a machine is given a kernel, INT 19h loads it through the kernel loader's ports (see
; devices/boot/kernel_loader.hpp) and enters it as its boot protocol says. It needs a 386, as the kernels do.

        bits 16
        org 0
        cpu 386

COMMAND equ 8910h
SELECT  equ 8912h
VALUE   equ 8914h

rom_start:
        dw 0aa55h
        db (rom_end - rom_start + 511) / 512
        jmp short initialise
        times 6 - ($ - rom_start) db 0

; Called by the firmware: takes INT 19h if there is a kernel.
initialise:
        push ax
        push dx
        push ds
        mov dx, COMMAND
        in al, dx
        dec al
        cmp al, 1
        ja .none                        ; 0 or nobody's FFh
        xor ax, ax
        mov ds, ax
        mov word [19h * 4], boot
        mov [19h * 4 + 2], cs
.none:
        pop ds
        pop dx
        pop ax
        retf

; AL = index: returns EAX = the value.
get:
        mov dx, SELECT
        out dx, al
        mov dx, VALUE
        in eax, dx
        ret

boot:
        cli
        cld
        xor ax, ax
        mov ss, ax
        mov sp, 1000h                   ; below anything that is loaded
        in al, 92h                      ; A20, for what lies above 1 MiB
        or al, 2
        and al, 0feh
        out 92h, al
        mov dx, COMMAND
        mov al, 1
        out dx, al
        in al, dx
        cmp al, 2
        je protected

; Segment:offset, with every data segment at the beginning of the set-up code, one page of 512 bytes before the entry's segment.
        mov al, 1
        call get
        mov ebx, eax
        xor ax, ax
        call get
        mov ecx, eax
        shr eax, 16
        sub ax, 20h
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, ebx
        push ecx
        xor eax, eax
        mov ebx, eax
        mov ecx, eax
        mov edx, eax
        mov esi, eax
        mov edi, eax
        mov ebp, eax
        retf

protected:
        mov al, 3
        call get
        mov ebx, eax
        xor ax, ax
        call get
        mov ebp, eax                    ; entry
        mov al, 2
        call get
        mov esi, eax                    ; EAX
        lgdt [cs:gdt_pointer]
        mov ecx, cr0
        or cl, 1
        mov cr0, ecx
        xor edi, edi
        mov di, cs
        shl edi, 4
        add edi, flat
        push dword 8
        push edi
        o32 retf

        bits 32
flat:
        mov ecx, 10h
        mov ds, ecx
        mov es, ecx
        mov fs, ecx
        mov gs, ecx
        mov ss, ecx
        mov dx, SELECT
        mov al, 1
        out dx, al
        mov dx, VALUE
        in eax, dx
        mov esp, eax
        mov eax, esi
        xor ecx, ecx
        xor edx, edx
        xor esi, esi
        xor edi, edi
        jmp ebp

        align 8
gdt:
        dq 0
        dq 00cf9b000000ffffh            ; flat code
        dq 00cf93000000ffffh            ; flat data
gdt_pointer:
        dw 3 * 8 - 1
        dd 0c8000h + gdt                ; the board puts this ROM at C8000h

        align 512, db 0
rom_end:
