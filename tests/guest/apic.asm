; Interrupts and NMI as the processor takes them, sent to itself through its local APIC: when, in which order, and what holds them off. SDM volume
; 3, 6.7, 6.8, 10.6 and 10.8.
%include "kernel/kernel.inc"

APIC equ 0fee00000h
TPR equ APIC + 80h
EOI equ APIC + 0b0h
SVR equ APIC + 0f0h
IRR1 equ APIC + 210h                    ; vectors 20h to 3Fh
ISR1 equ APIC + 110h
ICR_LOW equ APIC + 300h
ICR_HIGH equ APIC + 310h
SELF equ 44000h                         ; fixed, assert, to self
TASK equ SPARE
LOW_VECTOR equ 34h
HIGH_VECTOR equ 35h
OTHER_VECTOR equ 3dh                    ; of the same class as both
SPURIOUS equ 2fh
LOWER_CLASS equ 21h                     ; of a lower class

%macro send 1
        mov dword [ICR_LOW], SELF | (%1)
%endmacro
%macro send_nmi 0
        mov dword [ICR_HIGH], 0
        mov dword [ICR_LOW], 4400h      ; NMI, assert, physical 0: me
%endmacro
; An event is a byte at EDI; a test prepares AL and stores it by STOSB, one instruction.
%macro begin 1
        mov edi, history
        mov dword [history], 0
        mov dword [history + 4], 0
        mov al, %1
%endmacro
%macro history_is 2                     ; name, the events, the first lowest
        equal %1, [history], %2
%endmacro
%macro handler 2                        ; its name, its event
%1:     push eax
        mov al, %2
        stosb
        mov dword [EOI], 0
        pop eax
        iretd
%endmacro

main:
        test dword [features], 1 << 9
        jz .end
        idt_gate SPURIOUS, CODE0, nothing, PRESENT | T_INT32
        mov dword [SVR], 100h | SPURIOUS
        idt_gate LOW_VECTOR, CODE0, on_low, PRESENT | T_INT32
        idt_gate HIGH_VECTOR, CODE0, on_high, PRESENT | T_INT32
        idt_gate OTHER_VECTOR, CODE0, on_other, PRESENT | T_INT32
        idt_gate LOWER_CLASS, CODE0, on_lower_class, PRESENT | T_INT32
        idt_gate E_NMI, CODE0, on_nmi, PRESENT | T_INT32

; ---- when
        begin 1
        sti
        send LOW_VECTOR
        stosb
        cli
        history_is "an interrupt comes before the next instruction", 0134h
        begin 1
        send LOW_VECTOR
        stosb
        mov edx, [IRR1]
        equal "while IF is clear it waits in IRR", edx, 1 << (LOW_VECTOR - 20h)
        sti
        stosb
        stosb
        cli
        history_is "STI lets one instruction pass", 01340101h
        begin 1
        send LOW_VECTOR
        sti
        cli
        stosb
        history_is "STI and CLI let none come", 1
        sti
        nop
        cli
        history_is "until later", LOW_VECTOR << 8 | 1
        begin 1
        send LOW_VECTOR
        sti
        int HIGH_VECTOR
        cli
        history_is "INT n behind STI comes first", 3435h
        begin 1
        send LOW_VECTOR
        push dword F_IF | 2
        popfd
        stosb
        cli
        history_is "POPFD has no shadow", 0134h
        begin 1
        send LOW_VECTOR
        push dword F_IF | 2
        push dword CODE0
        push dword .target
        iretd
.target:
        stosb
        cli
        history_is "nor has IRETD", 0134h
        begin 1
        mov dx, DATA0
        send LOW_VECTOR
        sti
        mov ss, dx
        stosb
        stosb
        cli
        history_is "MOV SS holds off what STI would let come", 013401h
        begin 1
        send LOW_VECTOR
        sti
        hlt
        stosb
        cli
        history_is "an interrupt ends HLT behind STI", 0134h

; ---- which first
        begin 1
        send LOW_VECTOR
        send HIGH_VECTOR
        sti
        nop
        cli
        history_is "the higher vector first, then the lower", 3435h
        begin 1
        send LOWER_CLASS
        send LOW_VECTOR
        mov dword [TPR], 20h
        sti
        nop
        stosb
        cli
        history_is "TPR masks its own class and those below", 0134h
        begin 1
        sti
        mov dword [TPR], 0
        stosb
        cli
        history_is "what it masked comes when it falls", 0121h
        idt_gate LOW_VECTOR, CODE0, on_low_open, PRESENT | T_INT32
        begin 1
        sti
        send LOW_VECTOR
        stosb
        cli
        history_is "a vector of the class in service waits for EOI", 013d0234h
        idt_gate LOW_VECTOR, CODE0, on_low, PRESENT | T_INT32

; ---- NMI
        begin 1
        send_nmi
        stosb
        history_is "NMI heeds no IF", 0102h
        idt_gate E_NMI, CODE0, on_nmi_nested, PRESENT | T_INT32
        begin 1
        send_nmi
        stosb
        history_is "NMI waits for the IRET of the one before", 0102bbaah
        idt_gate E_NMI, CODE0, on_nmi_nested, PRESENT | T_INT32
        begin 1
        int E_NMI
        stosb
        history_is "INT 2 holds none off", 01bb02aah

; ---- by task gates
        mov dword [tss_b + 32], task
        mov dword [tss_b + 36], 2
        mov dword [tss_b + 56], stack_b_top
        mov dword [tss_b + 72], DATA0
        mov dword [tss_b + 76], CODE0
        mov dword [tss_b + 80], DATA0
        mov dword [tss_b + 84], DATA0
        mov dword [tss_b + 68], history
        descriptor TASK, tss_b, 103, PRESENT | T_TSS32, 0
        idt_gate LOW_VECTOR, TASK, 0, PRESENT | T_TASK
        begin 1
        sti
        send LOW_VECTOR
        cli
        inc edi
        stosb
        history_is "an interrupt through a task gate", 0177h
        idt_gate E_NMI, TASK, 0, PRESENT | T_TASK
        mov dword [tss_b + 68], history
        begin 1
        send_nmi
        send_nmi
        add edi, 2
        stosb
        history_is "NMI through a task gate, and again behind its IRET", 017777h
        clts
        mov dword [SVR], 0ffh           ; off
.end:
        ret

        handler on_low, LOW_VECTOR
        handler on_high, HIGH_VECTOR
        handler on_other, OTHER_VECTOR
        handler on_lower_class, LOWER_CLASS

nothing:
        iretd
on_low_open:
        push eax
        mov al, LOW_VECTOR
        stosb
        send OTHER_VECTOR
        sti
        nop
        cli
        mov al, 2
        stosb
        mov dword [EOI], 0
        pop eax
        iretd
on_nmi:
        push eax
        mov al, 2
        stosb
        pop eax
        iretd
on_nmi_nested:
        push eax
        idt_gate E_NMI, CODE0, on_nmi, PRESENT | T_INT32
        mov al, 0aah
        stosb
        send_nmi
        mov al, 0bbh
        stosb
        pop eax
        iretd
task:
        mov al, 77h
        stosb
        mov dword [EOI], 0
        iretd
        jmp task

        section .bss
history: resd 2
        align_memory 16
tss_b:  resb 104
stack_b: resb 1024
stack_b_top:
        section .text
%include "kernel/end.inc"
