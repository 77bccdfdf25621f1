; 386 and later: tells them apart. AL = the class; changes EAX, ECX.
        cpu 386

find_cpu_386:
        push edx
        mov edx, esp
        and esp, ~3                     ; AC must not fault
        pushfd
        pop eax
        mov ecx, eax
        xor eax, 1 << 18
        push eax
        popfd
        pushfd
        pop eax
        push ecx
        popfd
        xor eax, ecx
        test eax, 1 << 18
        mov al, cpu_386
        jz .done
        mov eax, ecx
        xor eax, 1 << 21
        push eax
        popfd
        pushfd
        pop eax
        push ecx
        popfd
        xor eax, ecx
        test eax, 1 << 21
        mov al, cpu_486
        jz .done
        mov al, cpu_cpuid
.done:
        mov esp, edx
        pop edx
        ret

        cpu 8086
