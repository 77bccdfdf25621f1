; Interrupt and trap gates, call gates, and the stacks of inner rings: SDM volume 3, 5.8 and 6.12; volume 2, CALL, INT, RET, IRET.
%include "kernel/kernel.inc"

INNER equ SPARE                         ; code of ring 1
INNER_DATA equ SPARE + 8                ; its stack
CONFORMING equ SPARE + 16
GATE equ SPARE + 24
ABSENT equ SPARE + 32
BRIEF equ SPARE + 40                    ; code of 1000h bytes
NARROW_STACK equ SPARE + 48             ; a stack of ring 1 with B = 0, base at stack1
SCRATCH equ SPARE + 56

RF_TF_NT equ F_RF | F_TF | F_NT | F_VM

; A handler that notes the stack pointer, the flags and up to 12 doublewords of its stack.
%macro look 0
        pushfd
        pop dword [look_flags]
        mov [look_esp], esp
        mov [look_cs], cs
        mov [look_ss], ss
%assign n 0
%rep 12
        push dword [esp + n * 4]
        pop dword [look_stack + n * 4]
%assign n n + 1
%endrep
%endmacro

main:
        descriptor INNER, 0, 0fffffh, PRESENT | RING1 | CODE_XR, BIG | GRANULAR
        descriptor INNER_DATA, 0, 0fffffh, PRESENT | RING1 | DATA_RW, BIG | GRANULAR
        descriptor CONFORMING, 0, 0fffffh, PRESENT | CODE_CONFORMING, BIG | GRANULAR
        descriptor ABSENT, 0, 0fffffh, CODE_XR, BIG | GRANULAR
        descriptor BRIEF, 0, 0fffh, PRESENT | CODE_XR, BIG
        mov dword [tss + 12], stack1_top
        mov dword [tss + 16], INNER_DATA | 1

; ---- interrupt and trap gates in one ring
        idt_gate 32h, CODE0, handler, PRESENT | T_INT32
        attempt
        push dword F_IF | F_NT | F_CF | 2
        popfd
  here  int 32h
        raised "an interrupt gate", 30h, NONE
        mov eax, [look_flags]
        and eax, RF_TF_NT | F_IF | F_CF
        equal "an interrupt gate clears IF and NT", eax, F_CF
        mov eax, [recover_esp]
        sub eax, 12
        equal "it pushes 12 bytes", [look_esp], eax
        mov eax, [look_stack + 8]
        and eax, RF_TF_NT | F_IF | F_CF
        equal "the image has the flags as they were", eax, F_IF | F_NT | F_CF
        equal "the image of CS", [look_stack + 4], CODE0
        idt_gate 32h, CODE0, handler, PRESENT | T_TRAP32
        attempt
        push dword F_IF | F_NT | 2
        popfd
        int 32h
        raised "a trap gate", 30h, NONE
        mov eax, [look_flags]
        and eax, RF_TF_NT | F_IF
        equal "a trap gate keeps IF", eax, F_IF
        idt_gate 32h, CODE16, low_handler, PRESENT | T_INT16
        attempt
        push dword F_IF | 2
        popfd
        push eax
  here  int 32h
        raised "a 16-bit interrupt gate", 30h, NONE
        mov eax, [recover_esp]
        sub eax, 10
        equal "it pushes 6 bytes", [look_esp], eax
        movzx eax, word [look_stack + 2]
        equal "its image of CS", eax, CODE0
        idt_gate E_GP, CODE16, low_handler, PRESENT | T_INT16
        mov byte [gdt + ABSENT + 5], PRESENT | DATA_R
        attempt
        mov ax, ABSENT
        mov fs, ax
        mov [fs:0], al
        raised "a fault through a 16-bit gate", 30h, NONE
        mov byte [gdt + ABSENT + 5], CODE_XR
        usual_gate E_GP
        mov eax, [recover_esp]
        sub eax, 8
        equal "its error code has 2 bytes", [look_esp], eax
        attempt
        idt_gate 32h, CONFORMING, handler, PRESENT | RING3 | T_INT32
        in_ring3
        int 32h
        raised "a gate to conforming code", 30h, NONE
        equal "conforming code runs in the caller's ring", [look_cs], CONFORMING | 3
        equal "on the caller's stack", [look_ss], DATA3
        equal "with three doublewords", [look_esp], user_stack_top - 12

; ---- to inner rings
        idt_gate 32h, INNER | 3, handler, PRESENT | RING3 | T_INT32
        attempt
        in_ring3 F_IF
        int 32h
        raised "an interrupt gate from ring 3 to ring 1", 30h, NONE
        equal "CS has the ring of its descriptor", [look_cs], INNER | 1
        equal "SS is the TSS's", [look_ss], INNER_DATA | 1
        equal "five doublewords on the inner stack", [look_esp], stack1_top - 20
        equal "the outer SS", [look_stack + 16], DATA3
        equal "the outer ESP", [look_stack + 12], user_stack_top
        equal "the outer CS", [look_stack + 4], CODE3
        movzx eax, byte [gdt + INNER_DATA + 5]
        equal "the inner stack's accessed bit", eax, PRESENT | RING1 | DATA_RW | 1
        mov dword [tss + 16], 0
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of a null inner stack", E_TS, 0
        mov dword [tss + 16], 0fff9h
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of an inner stack beyond the GDT", E_TS, 0fff8h
        mov dword [tss + 16], INNER_DATA
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of an inner stack with the wrong RPL", E_TS, INNER_DATA
        mov dword [tss + 16], DATA3 & ~3 | 1
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of an inner stack with the wrong DPL", E_TS, DATA3 & ~3
        mov dword [tss + 16], INNER | 1
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of code as an inner stack", E_TS, INNER
        mov dword [tss + 16], INNER_DATA | 1
        and byte [gdt + INNER_DATA + 5], ~PRESENT
        attempt
        in_ring3
  here  int 32h
        faulted "#SS of an inner stack that is not present", E_SS, INNER_DATA
        or byte [gdt + INNER_DATA + 5], PRESENT
        descriptor INNER_DATA, 0, 1000h, PRESENT | RING1 | DATA_RW, BIG
        attempt
        in_ring3
  here  int 32h
        faulted "#SS of an inner stack beyond its limit", E_SS, INNER_DATA
        descriptor INNER_DATA, 0, 0fffffh, PRESENT | RING1 | DATA_RW, BIG | GRANULAR
        descriptor NARROW_STACK, stack1, 0ffffh, PRESENT | RING1 | DATA_RW, 0
        mov dword [tss + 12], stack1_top - stack1
        mov dword [tss + 16], NARROW_STACK | 1
        idt_gate 32h, INNER | 3, narrow_handler, PRESENT | RING3 | T_INT32
        attempt
        in_ring3
        int 32h
        raised "an inner stack of 16 bits", 30h, NONE
        idt_gate 32h, INNER | 3, handler, PRESENT | RING3 | T_INT32
        movzx eax, word [look_esp]
        equal "SP on it", eax, stack1_top - stack1 - 20
        mov dword [tss + 12], stack1_top
        mov dword [tss + 16], INNER_DATA | 1
        attempt
  here  int 32h
        faulted "#GP of a gate to an outer ring", E_GP, INNER
        mov byte [gdt + TSS0 + 5], PRESENT | T_TSS32
        descriptor TSS0, tss, 15, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        attempt
        in_ring3
  here  int 32h
        faulted "#TS of a TSS without the inner stack", E_TS, TSS0
        descriptor TSS0, tss, 103, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        idt_gate 32h, INNER, landing, PRESENT | RING3 | T_INT32
        attempt
        in_ring3 F_IF | F_NT
        mov ebx, 12345678h
        int 32h
  here  int 30h
        trapped "IRET from ring 1 to ring 3", 30h, NONE
        equal "IRET to ring 3 restores ESP", [seen_esp], user_stack_top
        equal "and SS", [seen_ss], DATA3
        mov eax, [seen_eflags]
        and eax, F_IF | F_NT | F_IOPL3
        equal "IRET of ring 1 does not change IF", eax, F_NT

; ---- call gates
        gate gdt + GATE, CODE0, handler, PRESENT | T_CALL32
        attempt
  here  call GATE:12345678h
        raised "CALL through a gate in one ring", 30h, NONE
        equal "it pushes CS", [look_stack + 4], CODE0
        mov eax, [recover_esp]
        sub eax, 8
        equal "and EIP", [look_esp], eax
        attempt
        jmp GATE:0
        raised "JMP through a gate in one ring", 30h, NONE
        equal "it pushes nothing", [look_esp], [recover_esp]
        attempt
        in_ring3
  here  call GATE:0
        faulted "#GP of a call gate of ring 0", E_GP, GATE
        gate gdt + GATE, CODE0, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
        call GATE | 3:0
        raised "CALL from ring 3 to ring 0", 30h, NONE
        equal "CS of ring 0", [look_cs], CODE0
        equal "SS of ring 0", [look_ss], DATA0
        equal "four doublewords", [look_esp], stack0_top - 16
        equal "the caller's SS", [look_stack + 12], DATA3
        equal "the caller's ESP", [look_stack + 8], user_stack_top
        equal "the caller's CS", [look_stack + 4], CODE3
        attempt
        in_ring3
  here  jmp GATE | 3:0
        faulted "#GP of JMP through a gate to an inner ring", E_GP, CODE0
        attempt
  here  call GATE | 3:0
        raised "the gate's RPL is no matter with DPL 3", 30h, NONE
        gate gdt + GATE, CODE0, handler, PRESENT | T_CALL32
        attempt
  here  call GATE | 1:0
        faulted "#GP of an RPL beyond the gate's DPL", E_GP, GATE
        gate gdt + GATE, CODE0, handler, PRESENT | RING3 | T_CALL32, 3
        attempt
        in_ring3
        push dword 33333333h
        push dword 22222222h
        push dword 11111111h
        call GATE | 3:0
        raised "a gate with 3 parameters", 30h, NONE
        equal "seven doublewords", [look_esp], stack0_top - 28
        equal "the first parameter", [look_stack + 8], 11111111h
        equal "the last parameter", [look_stack + 16], 33333333h
        equal "ESP before the call", [look_stack + 20], user_stack_top - 12
        gate gdt + GATE, CODE0, handler, PRESENT | RING3 | T_CALL32, 31
        attempt
        in_ring3
        sub esp, 31 * 4
        call GATE | 3:0
        raised "a gate with 31 parameters", 30h, NONE
        equal "35 doublewords", [look_esp], stack0_top - 35 * 4
        gate gdt + GATE, CODE0, release3, PRESENT | RING3 | T_CALL32, 3
        attempt
        in_ring3
        push dword 33333333h
        push dword 22222222h
        push dword 11111111h
        call GATE | 3:0
  here  int 30h
        trapped "RETF n to an outer ring", 30h, NONE
        equal "it releases the parameters on both stacks", [seen_esp], user_stack_top
        equal "and restores SS", [seen_ss], DATA3
        gate gdt + GATE, CODE16, low_handler, PRESENT | RING3 | T_CALL16, 2
        attempt
        in_ring3
        push word 2222h
        push word 1111h
        call GATE | 3:12345678h
        raised "a 16-bit call gate to ring 0", 30h, NONE
        equal "six words", [look_esp], stack0_top - 12
        equal "its parameters", [look_stack + 4], 22221111h
        movzx eax, word [look_stack + 8]
        mov ecx, user_stack_top - 4
        movzx ecx, cx
        equal "SP before the call", eax, ecx
        gate gdt + GATE, CONFORMING, handler, PRESENT | RING3 | T_CALL32, 3
        attempt
        in_ring3
        call GATE | 3:0
        raised "a call gate to conforming code", 30h, NONE
        equal "no change of ring", [look_cs], CONFORMING | 3
        equal "no parameters", [look_esp], user_stack_top - 8
        attempt
        in_ring3
        jmp GATE | 3:0
        raised "JMP through a gate to conforming code", 30h, NONE
        equal "still ring 3", [look_cs], CONFORMING | 3
        gate gdt + GATE, CODE0, handler, RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#NP of a call gate", E_NP, GATE
        gate gdt + GATE, 0, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#GP of a call gate to nowhere", E_GP, 0
        gate gdt + GATE, 0fff8h, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#GP of a call gate beyond the GDT", E_GP, 0fff8h
        gate gdt + GATE, DATA0, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#GP of a call gate to data", E_GP, DATA0
        gate gdt + GATE, ABSENT, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#NP of a call gate's code", E_NP, ABSENT
        gate gdt + GATE, BRIEF, handler, PRESENT | RING3 | T_CALL32
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#GP of a call gate beyond its code's limit", E_GP, 0
        gate gdt + GATE, CODE3, handler, PRESENT | T_CALL32
        attempt
  here  call GATE:0
        faulted "#GP of a call gate to an outer ring", E_GP, CODE3 & ~3
        gate gdt + GATE, INNER, handler, PRESENT | RING3 | T_CALL32
        mov dword [tss + 16], INNER_DATA
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#TS of CALL: an inner stack with the wrong RPL", E_TS, INNER_DATA
        mov dword [tss + 16], 0
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#TS of CALL: a null inner stack", E_TS, 0
        mov dword [tss + 16], INNER_DATA | 1
        and byte [gdt + INNER_DATA + 5], ~PRESENT
        attempt
        in_ring3
  here  call GATE | 3:0
        faulted "#SS of CALL: an inner stack that is not present", E_SS, INNER_DATA
        or byte [gdt + INNER_DATA + 5], PRESENT
        descriptor SCRATCH, 0, 0fffffh, PRESENT | CODE_XR, BIG | GRANULAR
        gate gdt + GATE, SCRATCH, handler, PRESENT | RING3 | T_CALL32
        attempt
        call GATE | 3:0
        raised "CALL through a gate to fresh code", 30h, NONE
        movzx eax, byte [gdt + SCRATCH + 5]
        equal "sets its accessed bit", eax, PRESENT | CODE_XR | 1
        ret

handler:
        look
        int 30h
narrow_handler:                         ; what the upper half of ESP is now differs between processors
        movzx esp, sp
        look
        int 30h
landing:
        iretd
release3:
        retf 12

        section .low
        bits 16
low_handler:
        mov [dword look_esp], esp
        mov [dword look_cs], cs
        mov [dword look_ss], ss
        push dword [esp]
        pop dword [dword look_stack]
        push dword [esp + 4]
        pop dword [dword look_stack + 4]
        push dword [esp + 8]
        pop dword [dword look_stack + 8]
        int 30h
        section .text
        bits 32

        section .bss
look_flags: resd 1
look_esp: resd 1
look_cs: resd 1
look_ss: resd 1
look_stack: resd 12
        align_memory 16
stack1: resb 4096
stack1_top:
        section .text
%include "kernel/end.inc"
