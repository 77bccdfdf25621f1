; Processors with a local APIC: it starts with its inputs masked and would keep the 8259's interrupts away. Virtual wire
; mode lets them through (MultiProcessor Specification 1.4, 3.6.2.2): LINT0 = ExtINT, LINT1 = NMI. Its registers lie
; above 1 MiB and so are reached through a segment that protected mode has widened.
        cpu 586

apic_base       equ 0xfee00000

init_apic:
        ds_ebda
        cmp byte [ebda.cpu], cpu_cpuid
        jb .done
        pushad
        mov eax, 1
        cpuid
        test edx, 1 << 9
        jz .none
        pushf
        cli
        o32 lgdt [cs:.table]
        mov eax, cr0
        or al, 1
        mov cr0, eax
        jmp short .widen
.widen: mov bx, 8
        mov ds, bx
        and al, 0xfe
        mov cr0, eax
        jmp short .wide
.wide:  mov esi, apic_base
        mov dword [esi + 0xf0], 0x10f   ; on, spurious interrupts on vector 0Fh
        mov dword [esi + 0x350], 0x700
        mov dword [esi + 0x360], 0x400
        mov eax, cr0                    ; and an ordinary segment again
        or al, 1
        mov cr0, eax
        jmp short .narrow
.narrow:
        mov bx, 16
        mov ds, bx
        and al, 0xfe
        mov cr0, eax
        jmp short .ordinary
.ordinary:
        popf
.none:
        popad
.done:
        ret
        align 4, db 0
.descriptors:
        dq 0
        dw 0xffff, 0, 0x9300, 0x008f    ; everything
        dw 0xffff, 0, 0x9300, 0x0000    ; 64 KiB
.table: dw $ - .descriptors - 1
        dd 0xf0000 + .descriptors

        cpu 8086
