; VESA's extensions, what only a 386 can do: finding the frame buffer, and the code that programs call in protected mode.
        cpu  386

isa_frame_buffer_high equ 0xE000        ; where an adapter without PCI has it

; DX:AX = the frame buffer's physical address, 0 if there is none within reach. Keeps the rest.
frame_buffer_address:
        call is_386
        mov  ax, 0
        mov  dx, ax
        jc   .done
        push ebx
        push ecx
        mov  dx, 0xCF8
        in   eax, dx
        push eax
        mov  eax, 0x80000000
        out  dx, eax
        in   eax, dx
        cmp  eax, 0x80000000
        mov  cx, isa_frame_buffer_high
        jne  .restore                   ; no PCI
        mov  ebx, 0x80000008            ; class codes
.look:  mov  dx, 0xCF8
        mov  eax, ebx
        out  dx, eax
        mov  dl, 0xFC
        in   eax, dx
        shr  eax, 16
        cmp  ax, 0x0300
        je   .found
        add  ebx, 0x800                 ; the next device
        cmp  ebx, 0x80010000
        jb   .look
        xor  cx, cx
        jmp  .restore
.found: mov  bl, 0x10
        mov  dx, 0xCF8
        mov  eax, ebx
        out  dx, eax
        mov  dl, 0xFC
        in   eax, dx
        mov  ecx, eax
        shr  ecx, 16
.restore:
        pop  eax
        mov  dx, 0xCF8
        out  dx, eax
        mov  dx, cx
        xor  ax, ax
        pop  ecx
        pop  ebx
.done:  ret

; ---- for protected mode: position does not matter, 32-bit segments, near calls ----
; Each may change EAX, EBX, ECX, EDX.
        bits 32

protected_interface:
        dw   .set_window - protected_interface
        dw   .set_start - protected_interface
        dw   .set_palette - protected_interface
        dw   .ports - protected_interface
.ports: dw   0x1CE, 0x1CF, 0x3C8, 0x3C9, 0x3DA, 0xFFFF, 0xFFFF

; Window A (BX = 0) at DX.
.set_window:
        mov  ecx, edx
        mov  al, dispi_bank
        jmp  .write

; The picture begins at double word DX:CX of memory; BL = 80h: in the retrace.
.set_start:
        shl  edx, 16
        mov  dx, cx
        mov  ecx, edx
        test bl, 0x80
        jz   .now
        call .await
.now:   push esi
        push ecx
        mov  al, dispi_depth
        call .read
        add  eax, 7
        shr  eax, 3
        mov  esi, eax                   ; bytes of a pixel
        mov  al, dispi_pitch
        call .read
        mul  esi
        mov  ebx, eax
        pop  eax
        shl  eax, 2
        xor  edx, edx
        div  ebx                        ; EAX = line, EDX = byte in it
        push eax
        mov  eax, edx
        xor  edx, edx
        div  esi
        pop  esi
        mov  ecx, eax
        mov  al, dispi_left
        call .write
        xchg ecx, esi
        mov  al, dispi_top
        call .write
        mov  ecx, esi
        mov  al, dispi_left
        call .write
        pop  esi
        ret

; CX colours from DX on = ES:EDI; BL = 80h: in the retrace.
.set_palette:
        test bl, 0x80
        jz   .colours
        call .await
.colours:
        movzx ecx, cx
        jecxz .set
        push edi
        mov  al, dl
        mov  dx, port_dac_write
        out  dx, al
        inc  edx
.next:  mov  al, [es:edi + 2]
        out  dx, al
        mov  al, [es:edi + 1]
        out  dx, al
        mov  al, [es:edi]
        out  dx, al
        add  edi, 4
        loop .next
        pop  edi
.set:   ret

; EAX = register AL.
.read:  movzx eax, al
        mov  dx, port_dispi
        out  dx, ax
        inc  edx
        in   ax, dx
        ret

; Register AL = CX.
.write: movzx eax, al
        mov  dx, port_dispi
        out  dx, ax
        inc  edx
        mov  eax, ecx
        out  dx, ax
        ret

; Until the next vertical retrace begins.
.await: push edx
        mov  dx, 0x3DA
.in:    in   al, dx
        test al, 8
        jnz  .in
.shown: in   al, dx
        test al, 8
        jz   .shown
        pop  edx
        ret
protected_interface_end:

        bits 16
        cpu  8086
