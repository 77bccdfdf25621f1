; Physical address extension: three levels, 2 MiB pages, the pointers that are loaded with CR3, reserved bits, no-execute pages. SDM volume 3,
; 4.4, 4.6, 4.7.
%include "kernel/kernel.inc"

WINDOW equ 800000h                      ; page n to frame n by `table`
FRAMES equ 400000h
NX equ 80000000h                        ; of an entry's upper half

%macro page 3                           ; number, rights, upper half
        mov dword [table + (%1) * 8], FRAMES + (%1) * 1000h + (%2)
        mov dword [table + (%1) * 8 + 4], %3
        call reload
%endmacro
%macro directory_entry 2                ; of the window: lower and upper half
        mov dword [directory + (WINDOW >> 21) * 8], %1
        mov dword [directory + (WINDOW >> 21) * 8 + 4], %2
        call reload
%endmacro

main:
        skip_unless has_pae, .end
        mov edi, directory
        mov ecx, (8192 + 32) / 4
        xor eax, eax
        rep stosd
        mov dword [pointers], directory + 1
        mov dword [pointers + 8], directory + 1
        mov dword [directory], 000000e3h | 4   ; the first 8 MiB as they are
        mov dword [directory + 8], 2000e3h | 4
        mov dword [directory + 16], 4000e3h | 4
        mov dword [directory + 24], 6000e3h | 4
        mov dword [directory + (WINDOW >> 21) * 8], table + 7
        mov eax, cr4
        or eax, 20h
        mov cr4, eax
        mov eax, pointers
        mov cr3, eax
        mov eax, cr0
        or eax, 80000000h
        mov cr0, eax
        jmp .on
.on:
        page 0, 7, 0
        mov dword [FRAMES + 8], 12121212h
        equal "a page of 4 KiB", [WINDOW + 8], 12121212h
        equal "the same by another pointer", [40000000h + WINDOW + 8], 12121212h
        mov eax, [table]
        and eax, 60h
        equal "its A and D bits", eax, 20h
        mov [WINDOW], al
        mov eax, [table]
        and eax, 60h
        equal "D after a write", eax, 60h
        attempt
  here  mov al, [80000000h]
        faulted "an absent pointer", E_PF, 0
        page 0, 3, 0
        attempt
        in_ring3
  here  mov al, [WINDOW]
        faulted "a supervisor's page", E_PF, 5
        page 0, 5, 0
        attempt
        in_ring3
  here  mov [WINDOW], al
        faulted "a read-only page", E_PF, 7
        page 0, 7, 80000h
        attempt
  here  mov [WINDOW], al
        faulted "an address bit that no processor has", E_PF, 0bh
        page 0, 7, 0

; ---- 2 MiB pages
        directory_entry FRAMES + 87h, 0
        mov dword [FRAMES + 123450h], 56565656h
        equal "a page of 2 MiB", [WINDOW + 123450h], 56565656h
        directory_entry FRAMES + 2087h, 0
        attempt
  here  mov al, [WINDOW]
        faulted "a reserved bit of a 2 MiB page", E_PF, 9
        directory_entry table + 7, 0

; ---- the pointers
        mov dword [pointers + 16], directory + 1
        attempt
  here  mov al, [80000000h + WINDOW]
        faulted "a pointer counts when CR3 is loaded", E_PF, 0
        call reload
        equal "and then it does", [80000000h + WINDOW + 8], 12121212h
        mov dword [pointers + 24], directory + 3
        mov eax, cr3
        attempt
  here  mov cr3, eax
        faulted "#GP of a reserved bit of a pointer", E_GP, 0
        mov dword [pointers + 24], 2    ; not present: its other bits are free
        call reload

; ---- no-execute
        mov eax, 80000000h
        cpuid
        cmp eax, 80000001h
        jb .end
        mov eax, 80000001h
        cpuid
        test edx, 1 << 20
        jz .end
        page 0, 7, NX
        attempt
  here  mov al, [WINDOW]
        faulted "without EFER.NXE bit 63 is reserved", E_PF, 9
        mov ecx, 0c0000080h
        rdmsr
        or eax, 800h
        wrmsr
        call reload
        mov byte [WINDOW], 0c3h
        attempt
        mov al, [WINDOW]
        int 30h
        returned "a no-execute page can be read"
        attempt
        call WINDOW
        raised "#PF of a fetch", E_PF, 11h
        equal "its CR2", [seen_cr2], WINDOW
        equal "its EIP", [seen_eip], WINDOW
        attempt
        in_ring3
        jmp WINDOW
        raised "#PF of a user's fetch", E_PF, 15h
        page 0, 7, 0
        attempt
        call WINDOW
        int 30h
        returned "the same page without the bit"
        directory_entry table + 7, NX
        attempt
        call WINDOW
        raised "#PF of a fetch: the directory's bit", E_PF, 11h
        directory_entry FRAMES + 87h, NX
        attempt
        call WINDOW
        raised "#PF of a fetch: a 2 MiB page's bit", E_PF, 11h
        directory_entry table + 7, 0
        page 0, 7, 0
        page 1, 7, NX
        mov word [WINDOW + 0ffeh], 9090h
        mov byte [WINDOW + 0fffh], 0b8h
        attempt
        jmp WINDOW + 0fffh
        raised "an instruction that crosses into a no-execute page", E_PF, 11h
        equal "its address", [seen_cr2], WINDOW + 1000h
        equal "its own", [seen_eip], WINDOW + 0fffh
        page 0, 0, 0
        attempt
        jmp WINDOW
        raised "a fetch from an absent page has the fetch bit", E_PF, 10h
.end:
        ret

reload:
        mov eax, cr3
        mov cr3, eax
        ret

        section .bss
        align_memory 4096
directory: resb 4096
table:  resb 4096
pointers: resb 32
        section .text
%include "kernel/end.inc"
