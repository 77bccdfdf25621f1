; Faults while a fault is delivered: which become a double fault and which are handled one after the other. SDM volume 3, 6.15, table 6-5.
%include "kernel/kernel.inc"

ABSENT equ 200000h                      ; this page is not there
TSS_DF equ SPARE

main:
; ---- contributory and contributory
        idt_gate E_DE, CODE0, 0, T_INT32
        attempt
        xor ecx, ecx
        div ecx
        raised "#NP of #DE's gate: #DF", E_DF, 0
        usual_gate E_DE
        idt_gate E_GP, CODE0, 0, T_INT32
        attempt
        mov ax, 0fff8h
        mov fs, ax
        raised "#NP of #GP's gate: #DF", E_DF, 0
        idt_gate E_GP, 0fff8h, 0, PRESENT | T_INT32
        attempt
        mov ax, 0fff8h
        mov fs, ax
        raised "#GP of #GP's gate: #DF", E_DF, 0
        usual_gate E_GP

; ---- benign ones come before
        idt_gate E_BP, CODE0, 0, T_INT32
        attempt
  here  int3
        faulted "#NP of #BP's gate: #NP", E_NP, E_BP * 8 + 2
        usual_gate E_BP
        idt_gate E_UD, 0fff8h, 0, PRESENT | T_INT32
        attempt
  here  ud2
        faulted "#GP of #UD's gate: #GP", E_GP, 0fff9h
        usual_gate E_UD

; ---- with paging: the first 4 MiB as they are but for one page
        mov edi, table
        mov ecx, 1024
        mov eax, 7
.fill:
        stosd
        add eax, 1000h
        loop .fill
        mov dword [table + (ABSENT >> 12) * 4], 0
        mov dword [directory], table + 7
        mov eax, directory
        mov cr3, eax
        mov eax, cr0
        or eax, 80000000h
        mov cr0, eax
        jmp .on
.on:
        idt_gate E_PF, CODE0, 0, T_INT32
        attempt
        mov al, [ABSENT]
        raised "#NP of #PF's gate: #DF", E_DF, 0
        usual_gate E_PF

; The IDT crosses into the absent page behind vector 13: that of #PF is there.
split equ ABSENT + 1000h - 14 * 8
        mov esi, idt + 14 * 8
        mov edi, ABSENT + 1000h
        mov ecx, (vectors - 14) * 2
        rep movsd
        lidt [split_pointer]
        attempt
        xor ecx, ecx
  here  div ecx
        faulted "#PF of #DE's delivery: #PF", E_PF, 0
        equal "its CR2 is in the IDT", [seen_cr2], split
        lidt [split_pointer]
        attempt
        in_ring3
  here  int 5
        faulted "#PF of INT 5 in ring 3 is the supervisor's", E_PF, 0
        equal "its CR2, too", [seen_cr2], split + 5 * 8
        lidt [idt_pointer]

; The stack of ring 0 is not there: #PF of any fault, #PF of that, and a task for #DF.
        mov dword [tss_df + 32], .task
        mov dword [tss_df + 36], 2
        mov dword [tss_df + 56], stack_df_top
        mov dword [tss_df + 76], CODE0
        mov dword [tss_df + 80], DATA0
        mov dword [tss_df + 84], DATA0
        mov dword [tss_df + 72], DATA0
        mov dword [tss_df + 28], directory
        descriptor TSS_DF, tss_df, 103, PRESENT | T_TSS32, 0
        idt_gate E_DF, TSS_DF, 0, PRESENT | T_TASK
        mov dword [tss + 4], ABSENT + 20h
        attempt
        in_ring3
.faults:
        cli
        raised "#PF of #GP, and #PF of that: #DF", E_DF, 0
        equal "CR2 is the last page fault's", [seen_cr2], ABSENT + 1ch
        equal "the old task's EIP", [tss + 32], .faults
        movzx eax, word [tss_df]
        equal "the link", eax, TSS0
        ret
.task:                                  ; the error code is on the stack
        push dword E_DF
        jmp usual_entry

usual_entry:                            ; as the stub of a vector, with a frame of our own
        pop dword [seen_vector]
        pop dword [seen_code]
        mov eax, cr2
        mov [seen_cr2], eax
        descriptor TSS0, tss, 103, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        mov dword [tss + 4], stack0_top
        push dword 2
        popfd
        clts
        mov esp, [recover_esp]
        jmp [recover_eip]

        section .data
split_pointer: dw vectors * 8 - 1
        dd split
        section .bss
        align_memory 4096
directory: resb 4096
table:  resb 4096
tss_df: resb 104
stack_df: resb 1024
stack_df_top:
        section .text
%include "kernel/end.inc"
