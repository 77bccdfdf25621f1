; Real-address mode on a 386 and later: faults and limits, "unreal" segments, the A20 gate. SDM volume 3, 20.1 (in later editions 21.1).
%include "kernel/kernel.inc"

; What follows, up to end_real, runs in real mode in segment LOW with DS = ES = SS = LOW.
%macro in_real 0
        mov word [LOW + real_target], %$low
        jmp enter_real
        section .low
        bits 16
%$low:
%endmacro
%macro end_real 0
        int 30h
        section .text
        bits 32
%endmacro
%macro real_fault 3+                    ; name, vector, instruction
        attempt
        in_real
  here  %3
        end_real
        faulted %1, %2, NONE
        equal %1, [seen_esp], LOW_STACK
%endmacro
%macro real_run 2+                      ; name, instructions
        attempt
        in_real
        %2
        end_real
        returned %1
%endmacro

main:
        xor ecx, ecx                    ; the vectors of real mode
.vectors:
        imul eax, ecx, 8
        add eax, real_stubs
        mov [ecx * 4], ax
        mov word [ecx * 4 + 2], LOW_SEGMENT
        inc ecx
        cmp ecx, vectors
        jb .vectors

; ---- faults push no error code
        real_fault "#DE", E_DE, aam 0
        real_fault "#UD", E_UD, ud2
        real_fault "#UD of LOCK NOT of a register", E_UD, {db 0f0h, 0f7h, 0d0h}
        real_fault "#UD of ARPL", E_UD, arpl ax, bx
        real_fault "#UD of LAR", E_UD, lar ax, bx
        real_fault "#UD of LSL", E_UD, lsl ax, bx
        real_fault "#UD of VERR", E_UD, verr ax
        real_fault "#UD of SLDT", E_UD, sldt ax
        real_fault "#UD of STR", E_UD, str ax
        real_fault "#UD of LLDT", E_UD, lldt ax
        real_fault "#UD of LTR", E_UD, ltr ax
        real_fault "#GP of 16 bytes", E_GP, {db 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 90h}
        real_fault "#GP of a word at FFFF", E_GP, mov ax, [0ffffh]
        real_fault "#GP of a doubleword at FFFD", E_GP, mov [0fffdh], eax
        real_fault "#GP of a 32-bit offset", E_GP, mov al, [dword 10000h]
        real_run "a word at FFFE", mov ax, [0fffeh]
        attempt
        in_real
        mov bp, 0ffffh
  here  mov ax, [bp]
        end_real
        faulted "#SS of a word at FFFF", E_SS, NONE
        attempt
        in_real
        mov di, 0ffffh
  here  stosw
        end_real
        faulted "#GP of STOSW at FFFF", E_GP, NONE
        movzx eax, di
        equal "DI stays", eax, 0ffffh
        attempt
        in_real
        mov esp, 10000h
  here  pop eax
        end_real
        raised "POP at SP 0 by a stack of 16 bits", 30h, NONE
        attempt
        in_real
        mov eax, 12345h
  here  jmp eax
        end_real
        faulted "#GP of a jump beyond FFFF", E_GP, NONE
        attempt
        in_real
  here  jmp dword LOW_SEGMENT:12345h
        end_real
        faulted "#GP of a far jump beyond FFFF", E_GP, NONE
        attempt
        in_real
        mov eax, cr0
        or eax, 80000000h
  here  mov cr0, eax
        end_real
        faulted "#GP of paging without protection", E_GP, NONE
        attempt
        in_real
        mov ax, 11
  here  bound ax, [real_bounds]
        end_real
        faulted "#BR", E_BR, NONE
        attempt
        in_real
        mov al, 7fh
        inc al
  here  into
        end_real
        trapped "#OF", E_OF, NONE
        attempt
        in_real
  here  int3
        end_real
        trapped "#BP", E_BP, NONE
        attempt
        in_real
        lidt [real_brief]
  here  int 30h
        end_real
        faulted "#GP of a vector beyond the IDT", E_GP, NONE
        attempt
        in_real
        push dword F_IF | F_NT | F_IOPL3 | F_DF | 2
        popfd
  here  int 31h
        end_real
        trapped "INT n", 31h, NONE
        mov eax, [seen_eflags]
        and eax, F_IF | F_NT | F_IOPL3 | F_DF
        equal "POPFD takes IOPL and NT", eax, F_IF | F_NT | F_IOPL3 | F_DF
        movzx eax, word [LOW + handler_flags]
        and eax, F_IF | F_TF | F_NT | F_IOPL3
        equal "INT n clears IF", eax, F_NT | F_IOPL3
        attempt
        in_real
        push dword F_IOPL3 | F_VM | 2
        push dword LOW_SEGMENT
        push dword .by_iretd
        iretd
.by_iretd:
        pushfd
        pop eax
        end_real
        returned "IRETD"
        and eax, F_IOPL3 | F_VM | F_RF
        equal "does not set VM", eax, F_IOPL3

; ---- segments keep their hidden parts
        attempt
        mov byte [real_limits], 1
        in_real
        mov eax, [dword real_probe]
        mov bx, ds
        mov ds, bx
        mov ecx, [dword real_probe]
        end_real
        returned "a data segment of 4 GiB in real mode"
        equal "its data", eax, [LOW + real_probe]
        equal "also after a load of DS", ecx, [LOW + real_probe]
        attempt
        in_real
        mov bx, 0
        mov ds, bx
        mov eax, [dword 100000h]
        mov bx, LOW_SEGMENT
        mov ds, bx
        end_real
        returned "above 1 MiB"
        equal "is what lies there", eax, [100000h]
        mov byte [real_limits], 0

; ---- A20
        mov dword [500h], 11111111h
        attempt
        in_real
        in al, 92h
        mov ah, al
        or al, 2
        and al, 0feh
        out 92h, al
        mov bx, 0ffffh
        mov es, bx
        mov ecx, [es:510h]
        and al, 0fdh
        out 92h, al
        mov edx, [es:510h]
        or al, 2
        out 92h, al
        end_real
        returned "FFFF:0510 with A20 and without"
        equal "with A20 it lies at 100500h", ecx, [100500h]
        equal "without at 500h", edx, 11111111h
        ret

; Leaves protected mode for [LOW + real_target]; with [real_limits] DS goes with its 4 GiB.
enter_real:
        lidt [real_idt]
        mov ax, DATA16
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, LOW_STACK
        cmp byte [real_limits], 0
        jne .keep
        mov ds, ax
.keep:
        jmp CODE16:.narrow
        section .low
        bits 16
.narrow:
        mov eax, cr0
        and al, 0feh
        mov cr0, eax
        jmp LOW_SEGMENT:.real
.real:
        mov ax, cs
        mov ds, ax
        mov es, ax
        mov ss, ax
        jmp [real_target]

real_note:
        pushf
        pop word [cs:handler_flags]
        mov [cs:real_eax], eax
        pop word [cs:real_vector]
        pop word [cs:real_ip]
        pop word [cs:real_cs]
        pop word [cs:real_flags]
        mov [cs:real_esp], esp
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp dword CODE0:.flat
        section .text
        bits 32
.flat:
        mov ax, DATA0
        mov ds, ax
        mov es, ax
        mov fs, ax
        mov gs, ax
        mov ss, ax
        mov esp, [recover_esp]
        lidt [idt_pointer]
        %macro take 2
        movzx eax, word [LOW + %1]
        mov [%2], eax
        %endmacro
        take real_vector, seen_vector
        take real_ip, seen_eip
        take real_cs, seen_cs
        take real_flags, seen_eflags
        mov dword [seen_code], NONE
        mov eax, [LOW + real_esp]
        mov [seen_esp], eax
        push dword 2
        popfd
        mov eax, [LOW + real_eax]
        jmp [recover_eip]

        section .low
        bits 16
        align 8
real_stubs:
%assign vector 0
%rep vectors
        align 8
        push word vector
        jmp real_note
    %assign vector vector + 1
%endrep
        align 4
real_probe: dd 13572468h
real_bounds: dw 1, 10
real_brief: dw 14 * 4 - 1
        dd 0
real_target: dw 0
real_eax: dd 0
real_esp: dd 0
real_vector: dw 0
real_ip: dw 0
real_cs: dw 0
real_flags: dw 0
handler_flags: dw 0
        section .data
real_idt: dw 3ffh
        dd 0
real_limits: db 0
        section .text
        bits 32
%include "kernel/end.inc"
